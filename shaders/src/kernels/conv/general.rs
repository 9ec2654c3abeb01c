//! `conv.general`: see `general.wgsl`.

use crate::compose::Source;
use crate::pointwise::Epilogue;
use crate::{Access, Binding, Elem, Kernel};

/// Output channels of one invocation.
pub const TILE_OC: usize = 4;

/// Invocations of a workgroup.
pub const WORKGROUP: u32 = 64;

/// Bytes of the fixed fields of `Params`.
const PARAMS_BYTES: u32 = 40 * 4;

/// What is convolved into what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Numbers {
    /// Floats, with an epilogue.
    Float,
    /// Integers of this element type into `i32`.
    Integer(Elem),
    /// Integers of the first element type, requantised into the second.
    Quantized(Elem, Elem),
}

impl Numbers {
    fn elems(self) -> (Elem, Elem, Elem) {
        match self {
            Numbers::Float => (Elem::F32, Elem::F32, Elem::F32),
            Numbers::Integer(src) => (src, Elem::I32, Elem::I32),
            Numbers::Quantized(src, dst) => (src, Elem::I32, dst),
        }
    }
}

/// The kernel; only floats take an epilogue, and only they are transposed.
pub fn kernel(numbers: Numbers, transposed: bool, epilogue: &Epilogue) -> Kernel {
    let (src, acc, dst) = numbers.elems();
    let binding = |name: &str, elem, access| Binding { name: name.to_owned(), elem, access };
    let mut bindings = vec![
        binding("src", src, Access::Read),
        binding("weight", acc, Access::Read),
        binding("bias", acc, Access::Read),
    ];
    let quantized = matches!(numbers, Numbers::Quantized(..));
    if quantized {
        bindings.push(binding("scales", Elem::F32, Access::Read));
    }
    bindings.push(binding("dst", dst, Access::ReadWrite));
    let first = bindings.len() + 1;
    bindings.extend(epilogue.bindings());
    let mut source = Source::new("conv/general.wgsl", include_str!("general.wgsl"))
        .constant("TILE_OC", "u32", format!("{TILE_OC}u"))
        .alias("Src", src.wgsl())
        .alias("Acc", acc.wgsl())
        .alias("Lane", if acc == Elem::F32 { "vec4<f32>" } else { "vec4<i32>" })
        .alias("Dst", dst.wgsl())
        .flag("TRANSPOSED", transposed)
        .flag("QUANTIZED", quantized)
        .flag("FLOAT", numbers == Numbers::Float)
        .slot("epilogue_params", epilogue.params());
    source = source.slot("epilogue", epilogue.function(first));
    Kernel {
        name: format!(
            "conv.general[{src},{dst}{}{}{}]",
            if quantized { ",quantized" } else { "" },
            if transposed { ",transposed" } else { "" },
            epilogue.suffix()
        ),
        source: source.text(),
        bindings,
        workgroup_size: [WORKGROUP, 1, 1],
        params_bytes: (PARAMS_BYTES + epilogue.params_bytes()).next_multiple_of(16),
        features: Vec::new(),
        indexed_by_data: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_variant_validates() {
        let none = Epilogue::none();
        let integers = [Elem::I32, Elem::U32];
        for transposed in [false, true] {
            crate::validate::kernel(&kernel(Numbers::Float, transposed, &none)).unwrap();
        }
        for src in integers {
            crate::validate::kernel(&kernel(Numbers::Integer(src), false, &none)).unwrap();
            for dst in integers {
                crate::validate::kernel(&kernel(Numbers::Quantized(src, dst), false, &none)).unwrap();
            }
        }
    }
}
