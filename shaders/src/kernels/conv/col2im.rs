//! `conv.col2im`: see `col2im.wgsl`.

use crate::compose::Source;
use crate::{Access, Binding, Elem, Kernel};

/// Invocations of a workgroup.
pub const WORKGROUP: u32 = 64;

/// The kernel.
pub fn kernel() -> Kernel {
    let binding = |name: &str, access| Binding { name: name.to_owned(), elem: Elem::F32, access };
    let source = Source::new("conv/col2im.wgsl", include_str!("col2im.wgsl"));
    Kernel {
        name: "conv.col2im".to_owned(),
        source: source.text(),
        bindings: vec![binding("src", Access::Read), binding("dst", Access::ReadWrite)],
        workgroup_size: [WORKGROUP, 1, 1],
        params_bytes: 96,
        features: Vec::new(),
        indexed_by_data: false,
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn validates() {
        crate::validate::kernel(&super::kernel()).unwrap();
    }
}
