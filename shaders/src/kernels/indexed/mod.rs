//! Gathering and scattering by indices: see `rows.wgsl` and `elements.wgsl`.

use crate::compose::Source;
use crate::{Access, Binding, Elem, Kernel};

/// Invocations of a workgroup.
pub const WORKGROUP: u32 = 64;

/// Most indices of one tuple.
pub const MAX_TUPLE: usize = 8;

/// Most dimensions of `elements`.
pub const MAX_RANK: usize = 4;

/// Direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// From the indexed places.
    Gather,
    /// To the indexed places.
    Scatter,
}

/// Runs addressed by tuples.
pub fn rows(elem: Elem, direction: Direction) -> Kernel {
    kernel("rows", include_str!("rows.wgsl"), elem, direction, 12 * 4 + 4 * 16)
}

/// Elements addressed along one dimension.
pub fn elements(elem: Elem, direction: Direction) -> Kernel {
    kernel("elements", include_str!("elements.wgsl"), elem, direction, 8 * 4 + 2 * 16)
}

fn kernel(name: &str, text: &str, elem: Elem, direction: Direction, params_bytes: u32) -> Kernel {
    let binding = |name: &str, elem, access| Binding { name: name.to_owned(), elem, access };
    let source = Source::new(&format!("indexed/{name}.wgsl"), text)
        .alias("T", elem.wgsl())
        .flag("GATHER", direction == Direction::Gather)
        .text();
    let direction = if direction == Direction::Gather { "gather" } else { "scatter" };
    Kernel {
        name: format!("{direction}.{name}[{elem}]"),
        source,
        bindings: vec![
            binding("src", elem, Access::Read),
            binding("indices", Elem::I32, Access::Read),
            binding("dst", elem, Access::ReadWrite),
        ],
        workgroup_size: [WORKGROUP, 1, 1],
        params_bytes,
        features: Vec::new(),
        indexed_by_data: true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_variant_validates() {
        for elem in [Elem::F32, Elem::I32, Elem::U32] {
            for direction in [Direction::Gather, Direction::Scatter] {
                crate::validate::kernel(&rows(elem, direction)).unwrap();
                crate::validate::kernel(&elements(elem, direction)).unwrap();
            }
        }
    }
}
