//! Matrix products: see `tiled.wgsl`, `direct.wgsl` and `broadcast.wgsl`, which take the same parameters and the same fused
//! [`Epilogue`].

mod broadcast;

pub use broadcast::broadcast;

use crate::compose::Source;
use crate::pointwise::Epilogue;
use crate::{Access, Binding, Elem, Kernel};

/// How a product is computed, with the rows and columns of one invocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// Tiles in workgroup memory.
    Tiled {
        /// Rows of an invocation.
        m: u32,
        /// Columns of an invocation.
        n: u32,
    },
    /// Straight from the buffers.
    Direct {
        /// Rows of an invocation.
        m: u32,
        /// Columns of an invocation.
        n: u32,
    },
}

/// The legal variants.
pub const ALGORITHMS: [Algorithm; 4] = [
    Algorithm::Tiled { m: 8, n: 8 },
    Algorithm::Tiled { m: 4, n: 4 },
    Algorithm::Direct { m: 4, n: 4 },
    Algorithm::Direct { m: 1, n: 1 },
];

/// Workgroup size in (columns, rows).
pub const WORKGROUP: [u32; 3] = [8, 8, 1];

impl Algorithm {
    /// Rows and columns of one invocation.
    pub const fn tile(self) -> (u32, u32) {
        match self {
            Algorithm::Tiled { m, n } | Algorithm::Direct { m, n } => (m, n),
        }
    }

    /// Name of the variant among candidates.
    pub fn name(self) -> String {
        match self {
            Algorithm::Tiled { m, n } => format!("tiled {m}x{n}"),
            Algorithm::Direct { m, n } => format!("direct {m}x{n}"),
        }
    }

    /// A variant that suits a product of these sizes.
    pub const fn choose(batch: usize, m: usize, k: usize, n: usize) -> Algorithm {
        if m < 4 || n < 4 || batch * m * n < 1024 {
            Algorithm::Direct { m: 1, n: 1 }
        } else if k < 16 || m < 16 || n < 16 {
            Algorithm::Direct { m: 4, n: 4 }
        } else if m >= 128 && n >= 128 && batch * m * n >= 1 << 18 {
            Algorithm::Tiled { m: 8, n: 8 }
        } else {
            Algorithm::Tiled { m: 4, n: 4 }
        }
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

/// The kernel of this variant with this epilogue.
pub fn kernel(algorithm: Algorithm, epilogue: &Epilogue) -> Kernel {
    let bindings = bindings(epilogue);
    let (name, file, text) = match algorithm {
        Algorithm::Tiled { .. } => ("tiled", "matmul/tiled.wgsl", include_str!("tiled.wgsl")),
        Algorithm::Direct { .. } => ("direct", "matmul/direct.wgsl", include_str!("direct.wgsl")),
    };
    let (m, n) = algorithm.tile();
    let source = Source::new(file, text)
        .constant("TILE_M", "u32", m)
        .constant("TILE_N", "u32", n)
        .slot("epilogue", epilogue.function(4))
        .slot("epilogue_params", epilogue.params())
        .compose()
        .unwrap_or_else(|e| format!("// {e}"));
    Kernel {
        name: format!("matmul.{name}[m{m},n{n}{}]", epilogue.suffix()),
        source,
        bindings,
        workgroup_size: WORKGROUP,
        params_bytes: (PARAMS_BYTES + epilogue.params_bytes()).next_multiple_of(16),
        features: Vec::new(),
        indexed_by_data: false,
    }
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
    fn every_variant_validates() {
        let add = Epilogue {
            program: Program {
                inputs: vec![Elem::F32, Elem::F32],
                steps: vec![Step { fun: Fun::Add, args: vec![Arg::Input(0), Arg::Input(1)], ty: Elem::F32 }],
            },
            per_channel: vec![false],
        };
        for algorithm in ALGORITHMS {
            for epilogue in [Epilogue::none(), add.clone()] {
                crate::validate::kernel(&kernel(algorithm, &epilogue)).unwrap();
            }
        }
    }
}
