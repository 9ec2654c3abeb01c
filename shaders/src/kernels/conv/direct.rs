//! `conv.direct`: see `direct.wgsl`.

use crate::compose::Source;
use crate::pointwise::Epilogue;
use crate::{Access, Binding, Elem, Kernel};

/// Register tile of one invocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Tile {
    /// Output channels.
    pub oc: u32,
    /// Neighbouring outputs of a row.
    pub x: u32,
}

/// The legal tiles.
pub const TILES: [Tile; 3] = [
    Tile { oc: 1, x: 4 },
    Tile { oc: 4, x: 4 },
    Tile { oc: 8, x: 4 },
];

/// Workgroup size in (x, y).
pub const WORKGROUP: [u32; 3] = [8, 8, 1];

/// Bytes of the fixed fields of `Params`.
const PARAMS_BYTES: u32 = 24 * 4;

/// The kernel with this register tile and epilogue.
pub fn kernel(tile: Tile, epilogue: &Epilogue) -> Kernel {
    let read = |name: &str| Binding {
        name: name.to_owned(),
        elem: Elem::F32,
        access: Access::Read,
    };
    let mut bindings = vec![read("src"), read("weight"), read("bias")];
    bindings.push(Binding {
        name: "dst".to_owned(),
        elem: Elem::F32,
        access: Access::ReadWrite,
    });
    let first = bindings.len() + 1;
    bindings.extend(epilogue.bindings());
    let source = Source::new("conv/direct.wgsl", include_str!("direct.wgsl"))
        .constant("TILE_OC", "u32", tile.oc)
        .constant("TILE_X", "u32", tile.x)
        .slot("epilogue", epilogue.function(first))
        .slot("epilogue_params", epilogue.params())
        .compose()
        .unwrap_or_else(|e| format!("// {e}"));
    Kernel {
        name: format!(
            "conv.direct[oc{},x{}{}]",
            tile.oc,
            tile.x,
            epilogue.suffix()
        ),
        source,
        bindings,
        workgroup_size: WORKGROUP,
        params_bytes: (PARAMS_BYTES + epilogue.params_bytes()).next_multiple_of(16),
        features: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_variant_validates() {
        for tile in TILES {
            crate::validate::kernel(&kernel(tile, &Epilogue::none())).unwrap();
        }
    }
}
