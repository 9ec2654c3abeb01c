use std::fmt::Write as _;

use super::{Tile, spec};
use crate::compose::Source;
use crate::kernels::row_window::RowWindow;
use crate::pointwise::Epilogue;
use crate::{Kernel, Text};

/// What a row of the kernel meets, and how its outputs are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rows {
    /// The window along the width.
    pub window: RowWindow,
    /// Whether the rows of the output can be stored as vectors.
    pub aligned_store: bool,
}

impl Rows {
    /// Channels of one step: four where a row has one tap.
    pub const fn channels(self) -> u32 {
        if self.window.kernel == 1 { 4 } else { 1 }
    }

    /// Vectors of weights of one output channel in one step.
    pub const fn quads(self) -> u32 {
        self.window.kernel.div_ceil(4)
    }
}

/// A convolution of vector rows, see `rows.wgsl`. The tile's `n` is four.
pub fn rows(tile: Tile, lanes: u32, shape: Rows, wide: bool, epilogue: &Epilogue) -> Kernel {
    let owned = epilogue.clone();
    let source = Text::new(move || rows_text(tile, lanes, shape, wide, &owned));
    let window = shape.window;
    let aligned = if shape.aligned_store { ",aligned" } else { "" };
    let wide_name = if wide { ",wide" } else { "" };
    let name = format!(
        "conv.broadcast.rows[{}{aligned},m{},w{},{lanes}{wide_name}{}]",
        window.name(),
        tile.m,
        tile.width,
        epilogue.suffix()
    );
    spec(name, source, lanes, wide, epilogue)
}

fn rows_text(tile: Tile, lanes: u32, shape: Rows, wide: bool, epilogue: &Epilogue) -> String {
    let window = shape.window;
    let (mut step, mut store) = (String::new(), String::new());
    let padded = tile.padded_m();
    for channel in 0..shape.channels() {
        let (mut base, mut inside) = ("at".to_owned(), "row_in".to_owned());
        if shape.channels() > 1 {
            let _ = writeln!(step, "    let has{channel} = k * 4u + {channel}u < p.ic_group;");
            let _ = writeln!(step, "    let c{channel} = at + select(0u, {channel}u * p.src_c / 4u, has{channel});");
            (base, inside) = (format!("c{channel}"), format!("row_in && has{channel}"));
        }
        step.push_str(&window.load(&format!("e{channel}"), &base, &inside, "0.0", wide));
    }
    if shape.channels() > 1 {
        step.push_str(&tile.load_weights("w_at"));
        step.push_str(&tile.accumulate(0..4, |n, c| window.value(&format!("e{c}"), n, 0)));
    } else {
        for quad in 0..shape.quads() {
            step.push_str("            {\n");
            step.push_str(&tile.load_weights(&format!("w_at + {}u", quad * padded)));
            let first = quad * 4;
            let taps = 0..(window.kernel - first).min(4);
            step.push_str(&tile.accumulate(taps, |n, t| window.value("e0", n, first + t)));
            step.push_str("            }\n");
        }
    }
    for m in 0..tile.m {
        let _ = writeln!(store, "    if oc0 + {m}u < p.oc_group {{\n    let c = g * p.oc_group + oc0 + {m}u;");
        let _ = writeln!(store, "    let b = bias[c];\n    let channel = epilogue_channel(wg.z, c);");
        let _ =
            writeln!(store, "    let to = p.dst_offset + wg.z * p.dst_n + dst_channel(c) + y * p.dst_y + x * p.dst_x;");
        let value = |n: u32| format!("epilogue_at({} + b, channel, wg.z, c, y, x + {n}u)", tile.sum(m, n));
        if shape.aligned_store {
            let all: Vec<String> = (0..4).map(value).collect();
            let _ = writeln!(store, "    dst[to / 4u] = quad(vec4<f32>({}));", all.join(", "));
        } else {
            for n in 0..4 {
                let _ = writeln!(store, "    if x + {n}u < p.out_w {{ dst[to + {n}u * p.dst_x] = {}; }}", value(n));
            }
        }
        store.push_str("    }\n");
    }
    Source::new("conv/broadcast/rows.wgsl", include_str!("rows.wgsl"))
        .constant("LANES", "u32", lanes)
        .constant("TILE_M", "u32", tile.m)
        .constant("ROW_WEIGHTS", "u32", shape.quads() * padded)
        .constant("CHANNELS", "u32", shape.channels())
        .constant("STRIDE", "u32", window.stride)
        .constant("WIDTH", "u32", tile.width)
        .flag("ALIGNED", shape.aligned_store)
        .flag("WIDE", wide)
        .slot("params", include_str!("params.wgsl"))
        .slot("groups", window.columns())
        .slot("init", tile.init())
        .slot("step", step)
        .slot("store", store)
        .slot("epilogue", epilogue.function_of_planes(5))
        .slot("epilogue_params", epilogue.params())
        .composed()
}
