//! Kernels that walk along one axis of a dense tensor: see `cumulative.wgsl` and `lrn.wgsl`.

use crate::compose::Source;
use crate::{Access, Binding, Elem, Kernel};

/// Invocations of a workgroup.
pub const WORKGROUP: u32 = 64;

fn build(name: String, elem: Elem, source: Source, params_bytes: u32) -> Kernel {
    let binding = |name: &str, access: Access| Binding { name: name.to_owned(), elem, access };
    Kernel {
        name,
        source: source.text(),
        bindings: vec![binding("src", Access::Read), binding("dst", Access::ReadWrite)],
        workgroup_size: [WORKGROUP, 1, 1],
        params_bytes,
        features: Vec::new(),
        indexed_by_data: false,
    }
}

/// Running sums and products.
pub fn cumulative(elem: Elem) -> Kernel {
    let file = "lanes/cumulative.wgsl";
    let source = Source::new(file, include_str!("cumulative.wgsl")).alias("Value", elem.wgsl());
    build(format!("lanes.cumulative[{elem}]"), elem, source, 32)
}

/// Local response normalization.
pub fn lrn() -> Kernel {
    let file = "lanes/lrn.wgsl";
    build("lanes.lrn".to_owned(), Elem::F32, Source::new(file, include_str!("lrn.wgsl")), 48)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_variant_validates() {
        for kernel in [cumulative(Elem::F32), cumulative(Elem::I32), cumulative(Elem::U32), lrn()] {
            crate::validate::kernel(&kernel).unwrap();
        }
    }
}
