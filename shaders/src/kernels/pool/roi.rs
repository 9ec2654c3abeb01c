use super::{WORKGROUP, binding};
use crate::compose::Source;
use crate::{Access, Elem, Kernel};

/// `pool.roi_align`: see `roi_align.wgsl`.
pub fn roi_align(max: bool) -> Kernel {
    let source = Source::new("pool/roi_align.wgsl", include_str!("roi_align.wgsl")).flag("MAX", max);
    Kernel {
        name: format!("pool.roi_align[{}]", if max { "max" } else { "average" }),
        source: source.text(),
        bindings: vec![
            binding("src", Elem::F32, Access::Read),
            binding("rois", Elem::F32, Access::Read),
            binding("images", Elem::I32, Access::Read),
            binding("dst", Elem::F32, Access::ReadWrite),
        ],
        workgroup_size: [WORKGROUP, 1, 1],
        params_bytes: 64,
        features: Vec::new(),
        indexed_by_data: true,
    }
}

/// `pool.max_roi`: see `max_roi_pool.wgsl`.
pub fn max_roi_pool() -> Kernel {
    let source = Source::new("pool/max_roi_pool.wgsl", include_str!("max_roi_pool.wgsl"));
    Kernel {
        name: "pool.max_roi".to_owned(),
        source: source.text(),
        bindings: vec![
            binding("src", Elem::F32, Access::Read),
            binding("rois", Elem::F32, Access::Read),
            binding("dst", Elem::F32, Access::ReadWrite),
        ],
        workgroup_size: [WORKGROUP, 1, 1],
        params_bytes: 48,
        features: Vec::new(),
        indexed_by_data: true,
    }
}
