use std::fmt::Write as _;

use super::{Tile, spec};
use crate::compose::Source;
use crate::pointwise::Epilogue;
use crate::{Kernel, Text};

/// A convolution of any window, see `taps.wgsl`; `tail` when the channels of a group are no multiple of four.
pub fn taps(tile: Tile, lanes: u32, tail: bool, wide: bool, epilogue: &Epilogue) -> Kernel {
    let owned = epilogue.clone();
    let source = Text::new(move || taps_text(tile, lanes, tail, wide, &owned));
    let tail = if tail { ",tail" } else { "" };
    let wide_name = if wide { ",wide" } else { "" };
    let name = format!(
        "conv.broadcast.taps[m{},n{},w{},{lanes}{tail}{wide_name}{}]",
        tile.m,
        tile.n,
        tile.width,
        epilogue.suffix()
    );
    spec(name, source, lanes, wide, epilogue)
}

fn taps_text(tile: Tile, lanes: u32, tail: bool, wide: bool, epilogue: &Epilogue) -> String {
    let (mut init, mut tap, mut step, mut store) = (tile.init(), String::new(), String::new(), String::new());
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
    }
    for c in 0..4 {
        if tail {
            let _ = writeln!(step, "        let has{c} = k * 4u + {c}u < p.ic_group;");
            let _ = writeln!(step, "        let c{c} = select(0u, {c}u * p.src_c, has{c});");
        } else {
            let _ = writeln!(step, "        let c{c} = {c}u * p.src_c;");
        }
    }
    for n in 0..tile.n {
        for c in 0..4 {
            let has = if tail { format!("in{n} && has{c}") } else { format!("in{n}") };
            let _ = writeln!(step, "        let v{n}_{c} = select(0.0, src[at{n} + c{c}], {has});");
        }
        let _ = writeln!(step, "        at{n} += 4u * p.src_c;");
    }
    step.push_str(&tile.load_weights("w_at"));
    step.push_str(&tile.accumulate(0..4, |n, c| format!("v{n}_{c}")));
    for m in 0..tile.m {
        let _ = writeln!(store, "    if oc0 + {m}u < p.oc_group {{\n    let c = g * p.oc_group + oc0 + {m}u;");
        let _ = writeln!(store, "    let b = bias[c];\n    let channel = epilogue_channel(wg.z, c);");
        let _ = writeln!(store, "    let to = p.dst_offset + wg.z * p.dst_n + dst_channel(c);");
        for n in 0..tile.n {
            let _ = writeln!(
                store,
                "    if q{n} < p.positions {{ dst[to + y{n} * p.dst_y + x{n} * p.dst_x] = epilogue_at({} + b, channel, wg.z, c, y{n}, x{n}); }}",
                tile.sum(m, n)
            );
        }
        store.push_str("    }\n");
    }
    Source::new("conv/broadcast/taps.wgsl", include_str!("taps.wgsl"))
        .constant("LANES", "u32", lanes)
        .constant("TILE_M", "u32", tile.m)
        .constant("TILE_N", "u32", tile.n)
        .constant("PADDED_M", "u32", tile.padded_m())
        .constant("WIDTH", "u32", tile.width)
        .flag("WIDE", wide)
        .slot("params", include_str!("params.wgsl"))
        .slot("init", init)
        .slot("tap", tap)
        .slot("step", step)
        .slot("store", store)
        .slot("epilogue", epilogue.function_of_planes(5))
        .slot("epilogue_params", epilogue.params())
        .composed()
}
