//! `conv.deformable`: see `deformable.wgsl`.

use std::fmt::Write as _;

use super::direct::{bindings, init, put};
use crate::compose::Source;
use crate::pointwise::Epilogue;
use crate::{Access, Binding, Elem, Kernel};

/// The legal numbers of output channels of one invocation.
pub const TILES: [usize; 3] = [1, 4, 8];

/// Invocations of a workgroup.
pub const WORKGROUP: u32 = 64;

/// Bytes of the fixed fields of `Params`.
const PARAMS_BYTES: u32 = 32 * 4;

/// The kernel for `oc` output channels an invocation, with or without a mask.
pub fn kernel(oc: u32, mask: bool, epilogue: &Epilogue) -> Kernel {
    let lane = oc.min(4);
    let lanes = oc / lane;
    let (mut step, mut store) = (String::new(), String::new());
    for l in 0..lanes {
        let _ = writeln!(step, "                a0_{l} = fma(Lane(v0), weight[w_at + {l}u], a0_{l});");
        let _ = writeln!(store, "    put(a0_{l}, n, g, oc0 + {}u, y0, x, to);", l * lane);
    }
    let mut bindings = bindings(epilogue);
    let read = |name: &str| Binding { name: name.to_owned(), elem: Elem::F32, access: Access::Read };
    bindings.insert(3, read("offsets"));
    if mask {
        bindings.insert(4, read("mask"));
    }
    let first = bindings.len() + 1 - epilogue.extra_inputs();
    let source = Source::new("conv/deformable.wgsl", include_str!("deformable.wgsl"))
        .constant("TILE_OC", "u32", oc)
        .constant("LANES", "u32", lanes)
        .alias("Lane", if lane == 1 { "f32" } else { "vec4<f32>" })
        .flag("MASK", mask)
        .slot("put", put(lane))
        .slot("init", init(oc, 1))
        .slot("step", step)
        .slot("store", store)
        .slot("epilogue", epilogue.function_of_planes(first))
        .slot("epilogue_params", epilogue.params())
        .text();
    Kernel {
        name: format!("conv.deformable[oc{oc}{}{}]", if mask { ",mask" } else { "" }, epilogue.suffix()),
        source,
        bindings,
        workgroup_size: [WORKGROUP, 1, 1],
        params_bytes: (PARAMS_BYTES + epilogue.params_bytes()).next_multiple_of(16),
        features: Vec::new(),
        indexed_by_data: true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_variant_validates() {
        for oc in TILES {
            for mask in [false, true] {
                for epilogue in crate::pointwise::samples() {
                    crate::validate::kernel(&kernel(oc as u32, mask, &epilogue)).unwrap();
                }
            }
        }
    }
}
