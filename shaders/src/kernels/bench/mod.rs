//! What an adapter can do at most: fused multiply-adds in registers, and memory in long rows.

use crate::compose::Source;
use crate::{Access, Binding, Elem, Kernel};

/// Invocations of a workgroup.
pub const WORKGROUP: u32 = 64;

/// Floating-point operations of one invocation and one round of [`fma`]: four steps of eight vectors of four.
pub const FMA_FLOPS: u64 = 4 * 8 * 4 * 2;

/// Vectors of four that one invocation of [`read`] adds up.
pub const READ_VECTORS: usize = 16;

fn binding(name: &str, access: Access) -> Binding {
    Binding { name: name.to_owned(), elem: Elem::F32, access }
}

fn kernel(name: &str, source: Source, bindings: Vec<Binding>) -> Kernel {
    Kernel {
        name: format!("bench.{name}"),
        source: source.text(),
        bindings,
        workgroup_size: [WORKGROUP, 1, 1],
        params_bytes: 16,
        features: Vec::new(),
        indexed_by_data: false,
    }
}

/// Rounds of multiply-adds in registers: as `fma` when `fused`, else as a product and a sum.
/// Bindings: dst, one element per invocation. Params: rounds u32, scale f32, shift f32.
pub fn fma(fused: bool) -> Kernel {
    let name = if fused { "fma" } else { "mul_add" };
    let source = Source::new("bench/fma.wgsl", include_str!("fma.wgsl")).flag("FUSED", fused);
    kernel(name, source, vec![binding("dst", Access::ReadWrite)])
}

/// `dst = a + scale * b`, one vector of four per invocation. Bindings: a, b, dst. Params: vectors u32, scale f32.
pub fn triad() -> Kernel {
    let source = Source::new("bench/triad.wgsl", include_str!("triad.wgsl"));
    let bindings = vec![binding("a", Access::Read), binding("b", Access::Read), binding("dst", Access::ReadWrite)];
    kernel("triad", source, bindings)
}

/// Adds up [`READ_VECTORS`] vectors of four per invocation. Bindings: src, dst with one element per invocation.
/// Params: invocations u32.
pub fn read() -> Kernel {
    let source = Source::new("bench/read.wgsl", include_str!("read.wgsl")).constant("VECTORS", "u32", READ_VECTORS);
    kernel("read", source, vec![binding("src", Access::Read), binding("dst", Access::ReadWrite)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_variant_validates() {
        for k in [fma(true), fma(false), triad(), read()] {
            crate::validate::kernel(&k).unwrap();
        }
    }
}
