use std::fmt::Write as _;

use crate::compose::Source;
use crate::{Access, Binding, Elem, Kernel};

/// Most elements of a window.
pub const WIDEST: usize = 6;
/// Most taps along y.
pub const MOST_ROWS: usize = 4;
/// Planes of an invocation, which share its weights.
pub const CHUNK: usize = 16;

/// `resize.window`, see `window.wgsl`: windows of `window` elements and `taps_y` taps along y (1 where y is kept).
pub fn window(window: u32, taps_y: u32, aligned: bool) -> Kernel {
    let (mut tables, mut body, mut store) = (String::new(), String::new(), String::new());
    for (n, j) in (0..4).flat_map(|n| (0..window).map(move |j| (n, j))) {
        let _ = writeln!(tables, "    let w{n}_{j} = bitcast<f32>(columns[column + {}u]);", 1 + n * window + j);
    }
    for t in 0..taps_y {
        let _ = writeln!(tables, "    let r{t} = rows[(y * {taps_y}u + {t}u) * 2u] * p.src_y;");
        let _ = writeln!(tables, "    let wy{t} = bitcast<f32>(rows[(y * {taps_y}u + {t}u) * 2u + 1u]);");
        for j in 0..window {
            let _ = writeln!(body, "        let v{t}_{j} = src[plane + r{t} + {j}u * p.src_x];");
        }
        for n in 0..4 {
            let line = (1..window).fold(format!("w{n}_0 * v{t}_0"), |s, j| format!("fma(w{n}_{j}, v{t}_{j}, {s})"));
            let _ = match t {
                0 => writeln!(body, "        var o{n} = wy0 * ({line});"),
                _ => writeln!(body, "        o{n} = fma(wy{t}, {line}, o{n});"),
            };
        }
    }
    // Elements without weight have no say, even when they are infinite; that shows as NaN.
    body.push_str("        if is_nan(o0 + o1 + o2 + o3) {\n");
    for n in 0..4 {
        let _ = writeln!(body, "            o{n} = careful(column + 1u + {}u, y, plane);", n * window);
    }
    body.push_str("        }\n");
    if aligned {
        store.push_str("        dst[to / 4u] = vec4<f32>(o0, o1, o2, o3);\n");
    } else {
        for n in 0..4 {
            let _ = writeln!(store, "        if x + {n}u < p.out_w {{ dst[to + {n}u * p.dst_x] = o{n}; }}");
        }
    }
    let source = Source::new("resize/window.wgsl", include_str!("window.wgsl"))
        .constant("WINDOW", "u32", window)
        .constant("TAPS_Y", "u32", taps_y)
        .constant("CHUNK", "u32", CHUNK)
        .flag("ALIGNED", aligned)
        .slot("tables", tables)
        .slot("body", body)
        .slot("store", store)
        .text();
    let binding = |name: &str, elem, access| Binding { name: name.to_owned(), elem, access };
    Kernel {
        name: format!("resize.window[{window}x{taps_y}{}]", if aligned { ",aligned" } else { "" }),
        source,
        bindings: vec![
            binding("src", Elem::F32, Access::Read),
            binding("columns", Elem::U32, Access::Read),
            binding("rows", Elem::U32, Access::Read),
            binding("dst", Elem::F32, Access::ReadWrite),
        ],
        workgroup_size: [64, 1, 1],
        params_bytes: 64,
        features: Vec::new(),
        indexed_by_data: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_variant_validates() {
        for (elements, rows, aligned) in [(1, 1, false), (4, 2, true), (6, 4, true), (5, 2, false)] {
            crate::validate::kernel(&window(elements, rows, aligned)).unwrap();
        }
    }
}
