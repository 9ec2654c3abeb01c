use super::{Reduction, WORKGROUP, binding};
use crate::compose::Source;
use crate::{Access, Elem, Kernel};

/// `pool.global`: see `global.wgsl`.
pub fn global(reduction: Reduction) -> Kernel {
    let source = Source::new("pool/global.wgsl", include_str!("global.wgsl"))
        .flag("MAX", reduction == Reduction::Max)
        .flag("LP", reduction == Reduction::Lp)
        .text();
    Kernel {
        name: format!("pool.global[{}]", reduction.name()),
        source,
        bindings: vec![binding("src", Elem::F32, Access::Read), binding("dst", Elem::F32, Access::ReadWrite)],
        workgroup_size: [WORKGROUP, 1, 1],
        params_bytes: 32,
        features: Vec::new(),
        indexed_by_data: false,
    }
}
