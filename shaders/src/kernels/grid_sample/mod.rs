//! Sampling at the positions of a grid: see `grid_sample.wgsl`.

use crate::compose::Source;
use crate::{Access, Binding, Elem, Kernel};

/// Invocations of a workgroup.
pub const WORKGROUP: u32 = 64;

/// Bytes of `Params`.
const PARAMS_BYTES: u32 = 24 * 4;

/// The kernel.
pub fn kernel() -> Kernel {
    let binding = |name: &str, access| Binding { name: name.to_owned(), elem: Elem::F32, access };
    let source = Source::new("grid_sample/grid_sample.wgsl", include_str!("grid_sample.wgsl")).text();
    Kernel {
        name: "grid_sample".to_owned(),
        source,
        bindings: vec![
            binding("src", Access::Read),
            binding("positions", Access::Read),
            binding("dst", Access::ReadWrite),
        ],
        workgroup_size: [WORKGROUP, 1, 1],
        params_bytes: PARAMS_BYTES,
        features: Vec::new(),
        indexed_by_data: true,
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn validates() {
        crate::validate::kernel(&super::kernel()).unwrap();
    }
}
