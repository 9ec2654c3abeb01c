//! `conv.direct`: see `direct.wgsl`.

use std::fmt::Write as _;

use crate::compose::Source;
use crate::pointwise::Epilogue;
use crate::{Access, Binding, Elem, Kernel, Text};

/// Register tile of one invocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Tile {
    /// Output channels: 1 or a multiple of 4.
    pub oc: u32,
    /// Outputs of a column.
    pub rows: u32,
}

/// The legal tiles.
pub const TILES: [Tile; 4] =
    [Tile { oc: 1, rows: 4 }, Tile { oc: 4, rows: 4 }, Tile { oc: 8, rows: 4 }, Tile { oc: 16, rows: 4 }];

/// Invocations of a workgroup.
pub const WORKGROUP: u32 = 64;

/// Bytes of the fixed fields of `Params`.
const PARAMS_BYTES: u32 = 32 * 4;

/// Bindings of a convolution kernel: `src`, `weight`, `bias`, `dst`, then those of the epilogue.
pub(super) fn bindings(epilogue: &Epilogue) -> Vec<Binding> {
    let read = |name: &str| Binding { name: name.to_owned(), elem: Elem::F32, access: Access::Read };
    let mut bindings = vec![read("src"), read("weight"), read("bias")];
    bindings.push(Binding { name: "dst".to_owned(), elem: Elem::F32, access: Access::ReadWrite });
    bindings.extend(epilogue.bindings());
    bindings
}

/// `fn put(value, n, g, oc, y, x, at)`: stores the channels of one lane from `oc` (within group `g`) on, at `at` plus
/// the stride of each channel.
pub(super) fn put(lane: u32) -> &'static str {
    if lane == 1 {
        "fn put(value: f32, n: u32, g: u32, oc: u32, y: u32, x: u32, at: u32) {\n    \
         if oc >= p.oc_group { return; }\n    \
         let c = g * p.oc_group + oc;\n    \
         dst[at + dst_channel(c)] = epilogue(value, n, c, y, x);\n}\n"
    } else {
        "fn put(value: vec4<f32>, n: u32, g: u32, oc: u32, y: u32, x: u32, at: u32) {\n    \
         for (var i = 0u; i < min(p.oc_group - min(oc, p.oc_group), 4u); i++) {\n        \
         let c = g * p.oc_group + oc + i;\n        \
         dst[at + dst_channel(c)] = epilogue(value[i], n, c, y, x);\n    }\n}\n"
    }
}

/// Declares accumulators `aR_L` for `rows` rows and the lanes of `oc` channels, set to the bias.
pub(super) fn init(oc: u32, rows: u32) -> String {
    let mut text = String::from("    let b_last = p.oc_group - 1u;\n    let b_at = g * p.oc_group;\n");
    let lane = oc.min(4);
    for l in 0..oc / lane {
        let one = |i: u32| format!("bias[b_at + min(oc0 + {}u, b_last)]", l * lane + i);
        if lane == 1 {
            let _ = writeln!(text, "    let b{l} = {};", one(0));
        } else {
            let _ = writeln!(text, "    let b{l} = vec4<f32>({}, {}, {}, {});", one(0), one(1), one(2), one(3));
        }
        for r in 0..rows {
            let _ = writeln!(text, "    var a{r}_{l} = b{l};");
        }
    }
    text
}

/// How outputs meet inputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mode {
    /// Any window.
    Direct,
    /// Three kernel rows, stride and dilation 1 along the height.
    Column,
    /// A transposed convolution.
    Transposed,
}

impl Mode {
    fn name(self) -> &'static str {
        match self {
            Mode::Direct => "direct",
            Mode::Column => "column",
            Mode::Transposed => "transposed",
        }
    }
}

/// The kernel with this register tile and epilogue.
pub fn kernel(tile: Tile, mode: Mode, epilogue: &Epilogue) -> Kernel {
    let owned = epilogue.clone();
    let source = Text::new(move || kernel_text(tile, mode, &owned));
    let bindings = bindings(epilogue);
    Kernel {
        name: format!("conv.{}[oc{},rows{}{}]", mode.name(), tile.oc, tile.rows, epilogue.suffix()),
        source,
        bindings,
        workgroup_size: [WORKGROUP, 1, 1],
        params_bytes: (PARAMS_BYTES + epilogue.params_bytes()).next_multiple_of(16),
        features: Vec::new(),
        indexed_by_data: false,
    }
}

fn kernel_text(tile: Tile, mode: Mode, epilogue: &Epilogue) -> String {
    let lane = tile.oc.min(4);
    let lanes = tile.oc / lane;
    let taps = if mode == Mode::Column { 3 } else { 1 };
    let (mut rows, mut step, mut store) = (String::new(), String::new(), String::new());
    for r in 0..tile.rows + taps - 1 {
        let _ = writeln!(rows, "        let in_y{r} = iy + {r} * row_step;");
        let _ = writeln!(rows, "        let ok{r} = in_y{r} >= 0 && in_y{r} < i32(p.in_h);");
        let _ = writeln!(rows, "        let r{r} = select(0u, u32(in_y{r}) * p.src_y, ok{r});");
        let _ = writeln!(step, "                let v{r} = select(0.0, src[at + r{r}], ok{r});");
    }
    for k in 0..taps {
        for l in 0..lanes {
            let row = if k == 0 { String::new() } else { format!(" + {k}u * w_row") };
            let _ = writeln!(step, "                let w{k}_{l} = weight[w_at{row} + {l}u];");
            for r in 0..tile.rows {
                let _ = writeln!(step, "                a{r}_{l} = fma(Lane(v{}), w{k}_{l}, a{r}_{l});", r + k);
            }
        }
    }
    for r in 0..tile.rows {
        let _ = writeln!(store, "    let oy{r} = y0 + {r}u * p.class_h;\n    if oy{r} < p.out_h {{");
        for l in 0..lanes {
            let _ =
                writeln!(store, "        put(a{r}_{l}, n, g, oc0 + {}u, oy{r}, x, to + oy{r} * p.dst_y);", l * lane);
        }
        let _ = writeln!(store, "    }}");
    }
    Source::new("conv/direct.wgsl", include_str!("direct.wgsl"))
        .constant("TILE_OC", "u32", tile.oc)
        .constant("LANES", "u32", lanes)
        .constant("ROWS", "u32", tile.rows)
        .alias("Lane", if lane == 1 { "f32" } else { "vec4<f32>" })
        .flag("COLUMN", mode == Mode::Column)
        .flag("TRANSPOSED", mode == Mode::Transposed)
        .slot("put", put(lane))
        .slot("init", init(tile.oc, tile.rows))
        .slot("rows", rows)
        .slot("step", step)
        .slot("store", store)
        .slot("epilogue", epilogue.function_of_planes(5))
        .slot("epilogue_params", epilogue.params())
        .composed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_variant_validates() {
        for tile in TILES {
            for mode in [Mode::Direct, Mode::Column, Mode::Transposed] {
                for epilogue in crate::pointwise::samples() {
                    crate::validate::kernel(&kernel(tile, mode, &epilogue)).unwrap();
                }
            }
        }
    }
}
