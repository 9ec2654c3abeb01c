//! Convolutions whose weights reach all invocations by `subgroupBroadcast`: the invocations of a subgroup load different
//! weights, and each passes its own around, so that a load serves a whole tile of accumulators. That is what wins where
//! loads are dear and registers cheap: on software adapters, and on GPUs without fast workgroup memory.
//!
//! Weights lie as `[k / 4, rows]` of `vec4<f32>`, four neighbouring k each, where rows is [`Tile::padded_m`]. What k counts
//! is up to the kernel: channels at one tap ([`taps`]), or taps of a kernel row ([`rows`]).

mod rows;
mod taps;

use std::fmt::Write as _;

pub use rows::{Rows, rows};
pub use taps::taps;

use crate::pointwise::Epilogue;
use crate::{Access, Binding, Elem, Feature, Kernel, Text};

/// Accumulators of one invocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Tile {
    /// Output channels, a multiple of 4.
    pub m: u32,
    /// Positions.
    pub n: u32,
    /// Neighbouring invocations that share weights: 4 or 8.
    pub width: u32,
}

impl Tile {
    /// Rows of weights in memory for the channels of one tile.
    pub const fn padded_m(self) -> u32 {
        self.m.next_multiple_of(self.width)
    }

    /// Type of the accumulators of one channel: a vector over the positions, which makes a text that compilers read faster.
    fn vector(self) -> String {
        if self.n == 1 { "f32".to_owned() } else { format!("vec{}<f32>", self.n) }
    }

    /// Declares the accumulators, zero.
    pub(in crate::kernels) fn init(self) -> String {
        let ty = self.vector();
        (0..self.m).map(|m| format!("    var sum{m} = {ty}(0.0);\n")).collect()
    }

    /// The accumulator of channel m at position n.
    pub(in crate::kernels) fn sum(self, m: u32, n: u32) -> String {
        if self.n == 1 { format!("sum{m}") } else { format!("sum{m}[{n}]") }
    }

    /// Loads the weights of four k from `weight[at + ..]`, where `at` counts in the invocation's lane.
    pub(super) fn load_weights(self, at: &str) -> String {
        let mut text = String::new();
        for g in 0..self.padded_m() / self.width {
            let _ = writeln!(text, "        let w{g} = floats(weight[{at} + {}u]);", g * self.width);
        }
        text
    }

    /// Adds the products of some of the four k; `value(n, c)` is the expression of position n at the c-th k. An accumulator
    /// takes the sum of all of them at once: more accumulators than registers make each visit a load and a store, which
    /// nothing should wait for.
    pub(in crate::kernels) fn accumulate(self, ks: std::ops::Range<u32>, value: impl Fn(u32, u32) -> String) -> String {
        let mut text = String::new();
        let ty = self.vector();
        for c in ks.clone() {
            let all: Vec<String> = (0..self.n).map(|n| value(n, c)).collect();
            let _ = writeln!(text, "        let x{c} = {ty}({});", all.join(", "));
        }
        for m in 0..self.m {
            let (g, lane) = (m / self.width, m % self.width);
            let sum = ks.clone().fold(String::new(), |sum, c| {
                let weight = format!("{ty}(subgroupBroadcast(w{g}[{c}], {lane}u))");
                if sum.is_empty() { format!("{weight} * x{c}") } else { format!("fma({weight}, x{c}, {sum})") }
            });
            let _ = writeln!(text, "        sum{m} += {sum};");
        }
        text
    }
}

/// Bytes of the fixed fields of `params.wgsl`.
pub(super) const PARAMS_BYTES: u32 = 28 * 4;

/// What kernels with subgroups and wide words need.
pub(in crate::kernels) fn features(subgroup: bool, wide: bool) -> Vec<Feature> {
    let all = [(subgroup, Feature::Subgroup), (wide, Feature::Int64)];
    all.into_iter().filter(|f| f.0).map(|f| f.1).collect()
}

/// The spec around a composed source.
fn spec(name: String, source: Text, lanes: u32, wide: bool, epilogue: &Epilogue) -> Kernel {
    let read = |name: &str| Binding { name: name.to_owned(), elem: Elem::F32, access: Access::Read };
    let mut bindings = vec![read("src"), read("weight"), read("bias")];
    bindings.push(Binding { name: "dst".to_owned(), elem: Elem::F32, access: Access::ReadWrite });
    bindings.extend(epilogue.bindings());
    Kernel {
        name,
        source,
        bindings,
        workgroup_size: [lanes, 1, 1],
        params_bytes: (PARAMS_BYTES + epilogue.params_bytes()).next_multiple_of(16),
        features: features(true, wide),
        indexed_by_data: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::row_window::RowWindow;

    #[test]
    fn every_variant_validates() {
        for (m, width) in [(4, 4), (8, 8), (12, 8), (16, 8), (32, 8)] {
            let tile = Tile { m, n: 4, width };
            for tail in [false, true] {
                for epilogue in crate::pointwise::samples() {
                    crate::validate::kernel(&taps(tile, 32, tail, tail, &epilogue)).unwrap();
                }
            }
            for (kernel, stride, dilation, pad) in
                [(3, 1, 1, 1), (5, 1, 1, 2), (3, 2, 1, 0), (7, 2, 1, 3), (2, 1, 2, -1), (1, 1, 1, 0)]
            {
                let window = RowWindow { kernel, stride, dilation, pad };
                let shape = Rows { window, aligned_store: kernel == 3 };
                for epilogue in crate::pointwise::samples() {
                    crate::validate::kernel(&rows(tile, 32, shape, kernel == 3, &epilogue)).unwrap();
                }
            }
        }
    }
}
