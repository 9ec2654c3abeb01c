//! Matrix products: see `tiled.wgsl`, `direct.wgsl` and `broadcast.wgsl`, which take the same parameters and the same fused
//! [`Epilogue`].

mod broadcast;
mod tiled;

pub use broadcast::broadcast;
pub use tiled::{Layout, tiled};

use crate::compose::Source;
use crate::pointwise::Epilogue;
use crate::{Access, Binding, Elem, Kernel, Text};

/// The register tile of an invocation of [`direct`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Direct {
    /// Rows.
    pub m: u32,
    /// Columns.
    pub n: u32,
}

/// The legal tiles.
pub const TILES: [Direct; 2] = [Direct { m: 4, n: 4 }, Direct { m: 1, n: 1 }];

/// Workgroup size of [`direct`] in (columns, rows).
pub const WORKGROUP: [u32; 3] = [8, 8, 1];

impl Direct {
    /// Rows and columns of one invocation.
    pub const fn tile(self) -> (u32, u32) {
        (self.m, self.n)
    }

    /// Name of the variant among candidates.
    pub fn name(self) -> String {
        format!("direct {}x{}", self.m, self.n)
    }

    /// The tile that suits a product of these sizes.
    pub const fn choose(batch: usize, m: usize, n: usize) -> Direct {
        if m < 4 || n < 4 || batch * m * n < 1024 { TILES[1] } else { TILES[0] }
    }
}

/// Bytes of the fixed fields of `Params`.
const PARAMS_BYTES: u32 = 24 * 4;

/// `a`, `b`, `dst`, then those of the epilogue.
fn bindings(epilogue: &Epilogue) -> Vec<Binding> {
    let binding = |name: &str, access: Access| Binding { name: name.to_owned(), elem: Elem::F32, access };
    let mut bindings = vec![binding("a", Access::Read), binding("b", Access::Read), binding("dst", Access::ReadWrite)];
    bindings.extend(epilogue.bindings());
    bindings
}

/// `matmul.direct`, see `direct.wgsl`.
pub fn direct(tile: Direct, epilogue: &Epilogue) -> Kernel {
    let owned = epilogue.clone();
    let source = Text::new(move || direct_text(tile, &owned));
    let Direct { m, n } = tile;
    Kernel {
        name: format!("matmul.direct[m{m},n{n}{}]", epilogue.suffix()),
        source,
        bindings: bindings(epilogue),
        workgroup_size: WORKGROUP,
        params_bytes: (PARAMS_BYTES + epilogue.params_bytes()).next_multiple_of(16),
        features: Vec::new(),
        indexed_by_data: false,
    }
}

fn direct_text(tile: Direct, epilogue: &Epilogue) -> String {
    let Direct { m, n } = tile;
    Source::new("matmul/direct.wgsl", include_str!("direct.wgsl"))
        .constant("TILE_M", "u32", m)
        .constant("TILE_N", "u32", n)
        .slot("epilogue", epilogue.function(4))
        .slot("epilogue_params", epilogue.params())
        .composed()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::conv::broadcast::Tile;
    use crate::pointwise::{Arg, Fun, Program, Step};

    #[test]
    fn every_broadcast_variant_validates() {
        for (m, n, width, transposed) in [(1, 4, 8, true), (16, 4, 8, false), (8, 4, 4, false), (32, 4, 8, true)] {
            let tile = Tile { m, n, width };
            for epilogue in crate::pointwise::samples() {
                crate::validate::kernel(&broadcast(tile, 8, transposed, width == 8, &epilogue)).unwrap();
            }
        }
    }

    #[test]
    fn every_tiled_variant_validates() {
        let layouts = [Layout::Any, Layout::AnyAcross, Layout::Along, Layout::Across];
        for block in crate::kernels::tiles::samples() {
            for (i, epilogue) in crate::pointwise::samples().iter().enumerate() {
                for (j, a) in layouts.into_iter().enumerate() {
                    crate::validate::kernel(&tiled(block, a, layouts[(i + j) % 4], j % 2 == 0, epilogue)).unwrap();
                }
            }
        }
    }

    #[test]
    fn every_variant_validates() {
        let add = Epilogue {
            program: Program {
                inputs: vec![Elem::F32, Elem::F32],
                steps: vec![Step { fun: Fun::Add, args: vec![Arg::Input(0), Arg::Input(1)], ty: Elem::F32 }],
            },
            per_channel: vec![false],
            split: false,
        };
        for tile in TILES {
            for epilogue in [Epilogue::none(), add.clone()] {
                crate::validate::kernel(&direct(tile, &epilogue)).unwrap();
            }
        }
    }
}
