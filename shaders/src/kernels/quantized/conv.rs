//! `quantized.conv`: see `conv.wgsl`.

use std::fmt::Write as _;

use super::{PARAMS, bindings, features};
use crate::compose::Source;
use crate::kernels::conv::broadcast::Tile;
use crate::{Elem, Kernel};

/// How products are summed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Products {
    /// `dot4I8Packed` into `i32`: exact, on every adapter.
    Dot,
    /// Floats, weights passed around the subgroup: exact where no sum reaches 2^24.
    Floats {
        /// Whether four floats move as two 64-bit words.
        wide: bool,
    },
}

impl Products {
    /// Weights of one step of four input channels: vectors of four words, or one vector per channel of the tile.
    pub const fn step(self, tile: Tile) -> u32 {
        match self {
            Products::Dot => tile.m / 4,
            Products::Floats { .. } => tile.padded_m(),
        }
    }

    /// Element type of sums and of the bias.
    pub const fn acc(self) -> Elem {
        match self {
            Products::Dot => Elem::I32,
            Products::Floats { .. } => Elem::F32,
        }
    }
}

/// The kernel with `lanes` invocations a workgroup.
pub fn conv(tile: Tile, products: Products, lanes: u32) -> Kernel {
    let dot = products == Products::Dot;
    let wide = products == Products::Floats { wide: true };
    let (mut init, mut tap, mut step, mut store) = (String::new(), String::new(), String::new(), String::new());
    let zero = if dot { "0i" } else { "0.0" };
    for (m, n) in (0..tile.m).flat_map(|m| (0..tile.n).map(move |n| (m, n))) {
        let _ = writeln!(init, "    var a{m}_{n} = {zero};");
    }
    for n in 0..tile.n {
        let _ = writeln!(init, "    let q{n} = first + {}u;\n    let i{n} = min(q{n}, p.positions - 1u);", n * lanes);
        let _ = writeln!(init, "    let y{n} = i{n} / p.out_w;\n    let x{n} = i{n} % p.out_w;");
        let _ = writeln!(tap, "            let iy{n} = i32(y{n} * p.stride_h + ky * p.dilation_h) - p.pad_top;");
        let _ = writeln!(tap, "            let ix{n} = i32(x{n} * p.stride_w + kx * p.dilation_w) - p.pad_left;");
        let _ = writeln!(
            tap,
            "            let in{n} = iy{n} >= 0 && iy{n} < i32(p.in_h) && ix{n} >= 0 && ix{n} < i32(p.in_w);"
        );
        let place = format!("u32(iy{n}) * p.src_y + u32(ix{n}) * p.src_x");
        let _ = writeln!(tap, "            var at{n} = plane + select(0u, {place}, in{n});");
        let word = format!("select(p.pad_word, src[at{n}], in{n})");
        let value = if dot { word } else { format!("floats_of({word})") };
        let _ = writeln!(step, "        let v{n} = {value};\n        at{n} += p.src_c;");
    }
    if dot {
        for g in 0..tile.m / 4 {
            let _ = writeln!(step, "        let w{g} = weight[w_at + {g}u];");
        }
        for (m, n) in (0..tile.m).flat_map(|m| (0..tile.n).map(move |n| (m, n))) {
            let _ = writeln!(step, "        a{m}_{n} += dot4I8Packed(v{n}, w{}[{}]);", m / 4, m % 4);
        }
    } else {
        for g in 0..tile.padded_m() / tile.width {
            let _ = writeln!(step, "        let w{g} = floats(weight[w_at + {}u]);", g * tile.width);
        }
        // All four products of an accumulator follow each other, so that it is loaded and stored once where it spills.
        for m in 0..tile.m {
            let (g, lane) = (m / tile.width, m % tile.width);
            for c in 0..4 {
                let _ = writeln!(step, "        let b{m}_{c} = subgroupBroadcast(w{g}[{c}], {lane}u);");
            }
            for n in 0..tile.n {
                let _ = writeln!(
                    step,
                    "        a{m}_{n} = fma(b{m}_3, v{n}[3], fma(b{m}_2, v{n}[2], fma(b{m}_1, v{n}[1], fma(b{m}_0, v{n}[0], a{m}_{n}))));"
                );
            }
        }
    }
    for g in 0..tile.m / 4 {
        let _ = writeln!(store, "    if oc0 + {}u < p.channels {{\n    let c = oc0 / 4u + {g}u;", g * 4);
        let _ = writeln!(store, "    let b = bias[c];\n    let s = scales[c];");
        let _ = writeln!(store, "    let to = wg.z * p.dst_n + c * p.dst_c;");
        for n in 0..tile.n {
            let sums: Vec<String> = (0..4).map(|i| format!("a{}_{n}", g * 4 + i)).collect();
            let _ = writeln!(
                store,
                "    if q{n} < p.positions {{ dst[to + y{n} * p.dst_y + x{n} * p.dst_x] = requantized(vec4<f32>(vec4<{}>({}) + b), s); }}",
                products.acc().wgsl(),
                sums.join(", ")
            );
        }
        store.push_str("    }\n");
    }
    let mut source = Source::new("quantized/conv.wgsl", include_str!("conv.wgsl"))
        .constant("LANES", "u32", lanes)
        .constant("TILE_M", "u32", tile.m)
        .constant("TILE_N", "u32", tile.n)
        .constant("STEP", "u32", products.step(tile))
        .alias("Acc", products.acc().wgsl())
        .flag("DOT", dot)
        .slot("params", PARAMS)
        .slot("init", init)
        .slot("tap", tap)
        .slot("step", step)
        .slot("store", store);
    if !dot {
        source = source.constant("WIDTH", "u32", tile.width).flag("WIDE", wide);
    }
    let kind = match products {
        Products::Dot => "dot".to_owned(),
        Products::Floats { wide } => format!("floats,w{}{}", tile.width, if wide { ",wide" } else { "" }),
    };
    Kernel {
        name: format!("quantized.conv[{kind},m{},n{},{lanes}]", tile.m, tile.n),
        source: source.text(),
        bindings: bindings(if dot { Elem::U32 } else { Elem::F32 }, products.acc()),
        workgroup_size: [lanes, 1, 1],
        params_bytes: super::PARAMS_BYTES,
        features: features(!dot, wide),
        indexed_by_data: false,
    }
}
