use super::{WORKGROUP, binding};
use crate::compose::Source;
use crate::{Access, Elem, Kernel};

/// `pool.max_unpool`: see `max_unpool.wgsl`.
pub fn max_unpool() -> Kernel {
    let source = Source::new("pool/max_unpool.wgsl", include_str!("max_unpool.wgsl"));
    Kernel {
        name: "pool.max_unpool".to_owned(),
        source: source.text(),
        bindings: vec![
            binding("src", Elem::F32, Access::Read),
            binding("indices", Elem::I32, Access::Read),
            binding("dst", Elem::F32, Access::ReadWrite),
        ],
        workgroup_size: [WORKGROUP, 1, 1],
        params_bytes: 48,
        features: Vec::new(),
        indexed_by_data: true,
    }
}
