//! Padding: see `pad.wgsl`.

use crate::compose::Source;
use crate::{Access, Binding, Elem, Kernel};

/// Invocations of a workgroup.
pub const WORKGROUP: u32 = 64;

/// Most dimensions of one call.
pub const RANK: usize = 4;

/// Bytes of `Params`.
const PARAMS_BYTES: u32 = 8 * 4 + 5 * 16;

/// The kernel for elements of this type.
pub fn kernel(elem: Elem) -> Kernel {
    let binding = |name: &str, access| Binding { name: name.to_owned(), elem, access };
    let source = Source::new("pad/pad.wgsl", include_str!("pad.wgsl")).alias("T", elem.wgsl()).text();
    Kernel {
        name: format!("pad[{elem}]"),
        source,
        bindings: vec![binding("src", Access::Read), binding("dst", Access::ReadWrite)],
        workgroup_size: [WORKGROUP, 1, 1],
        params_bytes: PARAMS_BYTES,
        features: Vec::new(),
        indexed_by_data: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_variant_validates() {
        for elem in [Elem::F32, Elem::I32, Elem::U32] {
            crate::validate::kernel(&kernel(elem)).unwrap();
        }
    }
}
