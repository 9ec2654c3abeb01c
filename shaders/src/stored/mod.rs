//! Other forms of a kernel's floats in memory: the kernel computes as before, and every access to a buffer goes through
//! a function that converts.
//!
//! A kernel is written for buffers of 32-bit floats. [`Kernel::stored`] makes the variant whose buffers hold floats of 16
//! bits, or whose results are checked. It changes the text: `name[index]` becomes a call of a load function, and
//! `name[index] = value;` one of a store function.

use crate::compose::ComposeError;
use crate::{Access, Binding, Elem, Feature, Kernel, Text};

mod text;

/// How the floats of a buffer lie in memory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Store {
    /// As the kernel says.
    #[default]
    Full,
    /// As the kernel says; a value that is not finite is noted in the range report.
    Checked,
    /// Two floats of 16 bits in a word, which needs no feature.
    Packed,
    /// As `f16`, which needs [`Feature::ShaderF16`].
    Native,
    /// Samples of a picture of 8 bits, four in a word: 0..1 as 0..255, rounded to nearest; what lies beyond is clamped.
    /// Written alone. A value that is not finite is noted in the range report.
    Unorm8,
    /// The same of 16 bits, two in a word.
    Unorm16,
}

impl Store {
    /// Whether it holds floats of 16 bits.
    pub const fn is_half(self) -> bool {
        matches!(self, Store::Packed | Store::Native)
    }

    /// Bytes of an element.
    pub const fn bytes(self) -> u64 {
        match self {
            Store::Full | Store::Checked => 4,
            Store::Packed | Store::Native | Store::Unorm16 => 2,
            Store::Unorm8 => 1,
        }
    }

    /// Whether it holds the elements as the kernel says, so that others may hold them no better.
    pub const fn is_plain(self) -> bool {
        matches!(self, Store::Full | Store::Checked)
    }

    /// Whether floats that are to lie as `wanted` may lie so: in that form, or in one that keeps more of them.
    pub fn holds(self, wanted: Store) -> bool {
        self == wanted || self.is_plain()
    }

    const fn letter(self) -> char {
        match self {
            Store::Full => 'f',
            Store::Checked => 'c',
            Store::Packed => 'p',
            Store::Native => 'n',
            Store::Unorm8 => 'b',
            Store::Unorm16 => 's',
        }
    }
}

/// Name of the buffer of a range report: what a call met that 16 bits cannot hold. Four words, each 0 or 1, see
/// [`RangeReport`].
pub const RANGE: &str = "half_range";

/// What the words of a range report say about the values that one call stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RangeReport {
    /// A finite value beyond 65504.
    pub over: bool,
    /// A value below 2^-14 that is not zero.
    pub small: bool,
    /// A value of at least 2^-14.
    pub normal: bool,
    /// A value that is infinite or not a number.
    pub bad: bool,
}

impl RangeReport {
    /// Bytes of a report.
    pub const BYTES: u64 = 16;

    /// Reads the words of a report.
    pub fn from_words(words: [u32; 4]) -> RangeReport {
        let [over, small, normal, bad] = words.map(|w| w != 0);
        RangeReport { over, small, normal, bad }
    }

    /// Whether the values do not fit 16 bits: one is too large, or all that are not zero are too small.
    pub fn misfits(self) -> bool {
        self.over || (self.small && !self.normal)
    }
}

impl Kernel {
    /// The variant whose buffers lie as `stores` says, in the order of the bindings. All but [`Store::Full`] are for
    /// buffers of floats; [`Store::Unorm8`] and [`Store::Unorm16`] for those that the kernel never reads. The results of a kernel that writes 16 bits, samples or checks are noted in a range report, bound last.
    ///
    /// The name stays the kernel's own with a suffix, so that equal variants have equal names.
    pub fn stored(&self, stores: &[Store]) -> Result<Kernel, ComposeError> {
        if stores.iter().all(|s| *s == Store::Full) {
            return Ok(self.clone());
        }
        let mut kernel = self.clone();
        let letters: String = stores.iter().map(|s| s.letter()).collect();
        kernel.name = format!("{}@{letters}", self.name);
        let noted = |(b, s): (&Binding, &Store)| b.access == Access::ReadWrite && *s != Store::Full;
        let reports = self.bindings.iter().zip(stores).any(noted);
        if let Some((b, _)) = self.bindings.iter().zip(stores).find(|(b, s)| **s != Store::Full && b.elem != Elem::F32)
        {
            return Err(ComposeError {
                file: self.name.clone(),
                line: 1,
                message: format!("`{}` holds {}, not floats", b.name, b.elem),
            });
        }
        let (plain, stores_of) = (self.clone(), stores.to_vec());
        kernel.source = Text::new(move || plain.rewritten(&stores_of, reports).unwrap_or_else(|e| format!("// {e}")));
        if reports {
            kernel.bindings.push(Binding { name: RANGE.to_owned(), elem: Elem::U32, access: Access::ReadWrite });
        }
        if stores.contains(&Store::Native) && !kernel.features.contains(&Feature::ShaderF16) {
            kernel.features.push(Feature::ShaderF16);
        }
        Ok(kernel)
    }

    /// The text with buffers that lie as `stores` says.
    fn rewritten(&self, stores: &[Store], reports: bool) -> Result<String, ComposeError> {
        let buffers: Vec<(&Binding, Store)> = self.bindings.iter().zip(stores.iter().copied()).collect();
        let mut source = text::rewrite(&self.name, &self.source, &buffers)?;
        if reports {
            let binding = self.bindings.len() + 1;
            source.push_str(&format!(
                "// Words of a report: over, small, normal, bad.\n\
                 @group(0) @binding({binding}) var<storage, read_write> {RANGE}: array<u32, 4>;\n{NOTES}"
            ));
        }
        if stores.contains(&Store::Native) {
            source.insert_str(0, "enable f16;\n");
        }
        Ok(source)
    }

    /// Whether the last binding is a range report.
    pub fn reports_range(&self) -> bool {
        self.bindings.last().is_some_and(|b| b.name == RANGE)
    }
}

// All invocations write the same words, so that their order does not matter; what is noted already is not written again.
// One branch: a kernel may have hundreds of stores, and compilers take long over nests of them.
const NOTES: &str = "
fn note_half(v: vec4<f32>) {
    let size = abs(v);
    let most = max(max(size.x, size.y), max(size.z, size.w));
    let bad = any((bitcast<vec4<u32>>(v) & vec4<u32>(0x7f800000u)) == vec4<u32>(0x7f800000u));
    let word = select(select(select(1u, 2u, most >= 0.00006103515625), 0u, most > 65504.0), 3u, bad);
    if (bad || most > 0.0) && half_range[word] == 0u { half_range[word] = 1u; }
}

fn note_full(v: vec4<f32>) {
    let bits = bitcast<vec4<u32>>(v) & vec4<u32>(0x7f800000u);
    if any(bits == vec4<u32>(0x7f800000u)) { half_range[3] = 1u; }
}
";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::conv::{implicit_gemm, winograd};
    use crate::kernels::{elementwise, matmul, tiles};
    use crate::pointwise::{Arg, Fun, Program, Step};
    use crate::validate;

    fn add() -> Program {
        let step = Step { fun: Fun::Add, args: vec![Arg::Input(0), Arg::Input(1)], ty: Elem::F32 };
        Program { inputs: vec![Elem::F32; 2], steps: vec![step] }
    }

    #[test]
    fn every_mix_of_stores_validates() {
        let all = [Store::Full, Store::Checked, Store::Packed, Store::Native];
        let kernels = [elementwise::kernel(&add(), 2), elementwise::vectors(&add(), 2, &[true, false])];
        for kernel in &kernels {
            for a in all {
                for out in all.into_iter().chain([Store::Unorm8, Store::Unorm16]) {
                    let made = kernel.stored(&[a, Store::Full, out]).unwrap();
                    validate::kernel(&made).unwrap();
                    assert_eq!(made.reports_range(), out != Store::Full);
                    assert_eq!(made.name == kernel.name, a == Store::Full && out == Store::Full);
                }
            }
        }
    }

    /// Kernels whose text begins with directives.
    #[test]
    fn stores_of_block_kernels_validate() {
        let plain = crate::pointwise::Epilogue::none();
        for block in tiles::samples() {
            let kernels = [
                matmul::tiled(block, matmul::Layout::Along, matmul::Layout::Across, true, &plain),
                implicit_gemm::kernel(block, implicit_gemm::Form { pointwise: false, vectors: true }, &plain),
                winograd::tiled(winograd::Form::F43, block),
            ];
            for kernel in kernels {
                for store in [Store::Checked, Store::Packed, Store::Native, Store::Unorm8, Store::Unorm16] {
                    let takes = |b: &Binding| b.elem == Elem::F32 && (store.is_half() || b.access == Access::ReadWrite);
                    let stores: Vec<Store> =
                        kernel.bindings.iter().map(|b| if takes(b) { store } else { Store::Full }).collect();
                    let made = kernel.stored(&stores).unwrap();
                    validate::kernel(&made).unwrap_or_else(|e| panic!("{}: {e}", made.name));
                }
            }
        }
    }

    #[test]
    fn what_cannot_be_changed_is_an_error() {
        let words = elementwise::kernel(&Program { inputs: vec![Elem::U32], steps: Vec::new() }, 1);
        let e = words.stored(&[Store::Packed, Store::Full]).unwrap_err();
        assert!(e.message.contains("not floats"), "{e}");
        let with = |more: &str| {
            let kernel = elementwise::kernel(&add(), 1);
            Kernel { source: Text::from(format!("{}{more}", kernel.source.as_str())), ..kernel }
        };
        let kernel = with("fn length() -> u32 { return arrayLength(&in0); }\n");
        let e = kernel.rewritten(&[Store::Packed, Store::Full, Store::Full], false).unwrap_err();
        assert!(e.message.contains("otherwise than by elements"), "{e}");
        let plain = elementwise::kernel(&add(), 1);
        let e = plain.rewritten(&[Store::Unorm8, Store::Full, Store::Full], false).unwrap_err();
        assert!(e.message.contains("written alone"), "{e}");
        let kernel = with("fn more() { out0[1] += 1.0; }\n");
        let e = kernel.rewritten(&[Store::Full, Store::Full, Store::Packed], true).unwrap_err();
        assert!(e.message.contains("in place"), "{e}");
    }

    #[test]
    fn reports_tell_what_does_not_fit() {
        let report = |words| RangeReport::from_words(words).misfits();
        assert!(report([1, 0, 1, 0]) && report([0, 1, 0, 0]));
        assert!(!report([0, 1, 1, 0]) && !report([0, 0, 1, 0]) && !report([0; 4]));
    }
}
