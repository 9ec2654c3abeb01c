//! Resizing by tables: see `taps.wgsl`, and `window.wgsl` for small weighted windows.

mod window;

pub use window::{CHUNK, MOST_ROWS, WIDEST, window};

use crate::compose::Source;
use crate::{Access, Binding, Elem, Kernel, MAX_WORKGROUPS};

/// Workgroup size in (x, y).
pub const WORKGROUP: [u32; 3] = [8, 8, 1];

/// Index in a table that makes the output the extrapolation value.
pub const NONE: u32 = u32::MAX;

/// Bytes of `Params`.
const PARAMS_BYTES: u32 = 80;

/// What the kernel does with the taps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Combine {
    /// Weighted sum of floats.
    Weighted,
    /// Copy of the first one.
    First(Elem),
}

/// The kernel that combines taps in this way.
pub fn kernel(combine: Combine) -> Kernel {
    let (elem, weighted) = match combine {
        Combine::Weighted => (Elem::F32, true),
        Combine::First(elem) => (elem, false),
    };
    let binding = |name: &str, elem, access| Binding { name: name.to_owned(), elem, access };
    let source = Source::new("resize/taps.wgsl", include_str!("taps.wgsl"))
        .alias("T", elem.wgsl())
        .flag("WEIGHTED", weighted)
        .text();
    Kernel {
        name: format!("resize.taps[{elem},{}]", if weighted { "weighted" } else { "first" }),
        source,
        bindings: vec![
            binding("src", elem, Access::Read),
            binding("table", Elem::U32, Access::Read),
            binding("dst", elem, Access::ReadWrite),
        ],
        workgroup_size: WORKGROUP,
        params_bytes: PARAMS_BYTES,
        features: Vec::new(),
        indexed_by_data: false,
    }
}

/// Workgroups for planes of this size; the kernel strides over what is beyond the limit.
pub fn grid(out_w: usize, out_h: usize, planes: usize) -> [u32; 3] {
    let limit = |n: usize| n.min(MAX_WORKGROUPS as usize) as u32;
    [limit(out_w.div_ceil(8)), limit(out_h.div_ceil(8)), limit(planes)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_variant_validates() {
        let first = [Elem::F32, Elem::I32, Elem::U32].map(Combine::First);
        for combine in first.into_iter().chain([Combine::Weighted]) {
            crate::validate::kernel(&kernel(combine)).unwrap();
        }
    }
}
