use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{Tile, spec};
use crate::Kernel;
use crate::compose::Source;
use crate::pointwise::Epilogue;

/// What a row of the kernel meets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rows {
    /// Taps of a row.
    pub kernel: u32,
    /// Stride along the width.
    pub stride: u32,
    /// Dilation along the width.
    pub dilation: u32,
    /// Columns of padding on the left; negative crops.
    pub pad: i32,
    /// Whether the rows of the output can be stored as vectors.
    pub aligned_store: bool,
}

impl Rows {
    /// Channels of one step: four where a row has one tap.
    pub const fn channels(self) -> u32 {
        if self.kernel == 1 { 4 } else { 1 }
    }

    /// Vectors of weights of one output channel in one step.
    pub const fn quads(self) -> u32 {
        self.kernel.div_ceil(4)
    }

    /// Vector and component of what pixel `n` meets at tap `t`, counted from the vector at four times the stride.
    fn place(self, n: u32, t: u32) -> (i32, u32) {
        let element = (n * self.stride + t * self.dilation) as i32 - self.pad;
        (element.div_euclid(4), element.rem_euclid(4) as u32)
    }
}

/// Name of a variable for vector `v` of a window.
fn vector(v: i32) -> String {
    if v < 0 { format!("m{}", -v) } else { format!("p{v}") }
}

/// A convolution of vector rows, see `rows.wgsl`. The tile's `n` is four.
pub fn rows(tile: Tile, lanes: u32, shape: Rows, epilogue: &Epilogue) -> Kernel {
    // Which components of which vectors the window needs.
    let mut needed: BTreeMap<i32, [bool; 4]> = BTreeMap::new();
    for n in 0..4 {
        for t in 0..shape.kernel {
            let (v, c) = shape.place(n, t);
            needed.entry(v).or_default()[c as usize] = true;
        }
    }
    let (mut groups, mut step, mut store) = (String::new(), String::new(), String::new());
    for &v in needed.keys() {
        let name = vector(v);
        let _ = writeln!(
            groups,
            "    let g_{name} = middle + {v};\n    let in_{name} = g_{name} >= 0 && g_{name} < quads;"
        );
        let _ = writeln!(groups, "    let at_{name} = select(0u, u32(g_{name}), in_{name});");
    }
    let padded = tile.padded_m();
    for channel in 0..shape.channels() {
        if shape.channels() > 1 {
            let _ = writeln!(step, "            let has{channel} = k * 4u + {channel}u < p.ic_group;");
            let _ = writeln!(
                step,
                "            let c{channel} = at + select(0u, {channel}u * p.src_c / 4u, has{channel});"
            );
        } else {
            let _ = writeln!(step, "            let has{channel} = true;\n            let c{channel} = at;");
        }
        for (&v, components) in &needed {
            let name = vector(v);
            let inside = format!("row_in && has{channel} && in_{name}");
            let used = components.iter().filter(|c| **c).count();
            if used > 2 {
                let _ = writeln!(
                    step,
                    "            let s{channel}_{name} = select(vec4<f32>(0.0), src[c{channel} + at_{name}], vec4<bool>({inside}));"
                );
            }
            for c in (0..4).filter(|&c| components[c]) {
                let _ = match used {
                    0..=2 => writeln!(
                        step,
                        "            let e{channel}_{name}_{c} = select(0.0, src[c{channel} + at_{name}][{c}], {inside});"
                    ),
                    _ => writeln!(step, "            let e{channel}_{name}_{c} = s{channel}_{name}[{c}];"),
                };
            }
        }
    }
    let value = |channel: u32, n: u32, t: u32| {
        let (v, c) = shape.place(n, t);
        format!("e{channel}_{}_{c}", vector(v))
    };
    if shape.channels() > 1 {
        step.push_str(&tile.load_weights("w_at"));
        for c in 0..4 {
            step.push_str(&tile.accumulate(c, |n| value(c, n, 0)));
        }
    } else {
        for quad in 0..shape.quads() {
            step.push_str("            {\n");
            step.push_str(&tile.load_weights(&format!("w_at + {}u", quad * padded)));
            for t in quad * 4..shape.kernel.min(quad * 4 + 4) {
                step.push_str(&tile.accumulate(t - quad * 4, |n| value(0, n, t)));
            }
            step.push_str("            }\n");
        }
    }
    for m in 0..tile.m {
        let _ = writeln!(store, "    if oc0 + {m}u < p.oc_group {{\n    let c = g * p.oc_group + oc0 + {m}u;");
        let _ = writeln!(store, "    let b = bias[c];\n    let channel = epilogue_channel(wg.z, c);");
        let _ =
            writeln!(store, "    let to = p.dst_offset + wg.z * p.dst_n + c * p.dst_c + y * p.dst_y + x * p.dst_x;");
        let value = |n: u32| format!("epilogue_at(a{m}_{n} + b, channel, wg.z, c, y, x + {n}u)");
        if shape.aligned_store {
            let all: Vec<String> = (0..4).map(value).collect();
            let _ = writeln!(store, "    dst[to / 4u] = vec4<f32>({});", all.join(", "));
        } else {
            for n in 0..4 {
                let _ = writeln!(store, "    if x + {n}u < p.out_w {{ dst[to + {n}u * p.dst_x] = {}; }}", value(n));
            }
        }
        store.push_str("    }\n");
    }
    let source = Source::new("conv/broadcast/rows.wgsl", include_str!("rows.wgsl"))
        .constant("LANES", "u32", lanes)
        .constant("TILE_M", "u32", tile.m)
        .constant("ROW_WEIGHTS", "u32", shape.quads() * padded)
        .constant("CHANNELS", "u32", shape.channels())
        .constant("STRIDE", "u32", shape.stride)
        .constant("WIDTH", "u32", tile.width)
        .flag("ALIGNED", shape.aligned_store)
        .slot("params", include_str!("params.wgsl"))
        .slot("groups", groups)
        .slot("init", tile.init())
        .slot("step", step)
        .slot("store", store)
        .slot("epilogue", epilogue.function(5))
        .slot("epilogue_params", epilogue.params())
        .compose()
        .unwrap_or_else(|e| format!("// {e}"));
    let Rows { kernel, stride, dilation, pad, aligned_store } = shape;
    let aligned = if aligned_store { ",aligned" } else { "" };
    let name = format!(
        "conv.broadcast.rows[k{kernel},s{stride},d{dilation},p{pad}{aligned},m{},w{},{lanes}{}]",
        tile.m,
        tile.width,
        epilogue.suffix()
    );
    spec(name, source, lanes, epilogue)
}
