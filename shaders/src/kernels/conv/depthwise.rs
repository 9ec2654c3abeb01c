//! `conv.depthwise`: see `depthwise.wgsl`.

use std::fmt::Write as _;

use super::broadcast::{PARAMS_BYTES, features};
use super::direct::bindings;
use crate::compose::Source;
use crate::kernels::row_window::{ColumnWindow, RowWindow};
use crate::pointwise::Epilogue;
use crate::{Kernel, Text};

/// A variant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Depthwise {
    /// The window along the height, and the outputs of an invocation along it.
    pub column: ColumnWindow,
    /// The window along the width.
    pub row: RowWindow,
    /// Whether the rows of the input are read as vectors.
    pub aligned: bool,
    /// Whether the rows of the output are stored as vectors.
    pub aligned_store: bool,
    /// Neighbouring invocations that share weights: 8, 4 or 0 (each loads its own).
    pub width: u32,
    /// Whether vectors move as 64-bit words.
    pub wide: bool,
}

impl Depthwise {
    /// Elements of the weights of one channel in memory.
    pub const fn padded_taps(self) -> u32 {
        let taps = self.column.kernel * self.row.kernel;
        if self.width == 0 { taps } else { taps.next_multiple_of(self.width) }
    }
}

/// The kernel of this variant with this epilogue.
pub fn depthwise(v: Depthwise, epilogue: &Epilogue) -> Kernel {
    let owned = epilogue.clone();
    let source = Text::new(move || depthwise_text(v, &owned));
    let (column, row) = (v.column, v.row);
    let layout = match (v.aligned, v.aligned_store) {
        (true, true) => ",aligned",
        (true, false) => ",aligned-in",
        _ => "",
    };
    Kernel {
        name: format!(
            "conv.depthwise[{};{}{layout},w{}{}{}]",
            column.name(),
            row.name(),
            v.width,
            if v.wide { ",wide" } else { "" },
            epilogue.suffix()
        ),
        source,
        bindings: bindings(epilogue),
        workgroup_size: [64, 1, 1],
        params_bytes: (PARAMS_BYTES + epilogue.params_bytes()).next_multiple_of(16),
        features: features(v.width > 0, v.wide),
        indexed_by_data: false,
    }
}

fn depthwise_text(v: Depthwise, epilogue: &Epilogue) -> String {
    let (column, row) = (v.column, v.row);
    let n = if v.aligned { 4 } else { 1 };
    let (mut weights, mut body, mut store) = (String::new(), String::new(), String::new());
    let taps = column.kernel * row.kernel;
    let first = format!("c * {}u", v.padded_taps());
    for g in 0..v.padded_taps().checked_div(v.width).unwrap_or(0) {
        let _ = writeln!(weights, "    let l{g} = weight[{first} + {}u + lane % {}u];", g * v.width, v.width);
    }
    for t in 0..taps {
        let _ = match (t.checked_div(v.width), t.checked_rem(v.width)) {
            (Some(load), Some(lane)) => writeln!(weights, "    let w{t} = subgroupBroadcast(l{load}, {lane}u);"),
            _ => writeln!(weights, "    let w{t} = weight[{first} + {t}u];"),
        };
    }
    for (r, n) in (0..column.rows).flat_map(|r| (0..n).map(move |n| (r, n))) {
        let _ = writeln!(body, "    var a{r}_{n} = 0.0;");
    }
    for (i, meetings) in column.meetings() {
        let _ = writeln!(body, "    let iy{i} = iy + {i};\n    let row_in{i} = iy{i} >= 0 && iy{i} < i32(p.in_h);");
        let _ = writeln!(body, "    let at{i} = plane + select(0u, u32(iy{i}) * row_step, row_in{i});");
        let (base, inside, prefix) = (format!("at{i}"), format!("row_in{i}"), format!("e{i}"));
        body.push_str(&if v.aligned {
            row.load(&prefix, &base, &inside, "0.0", v.wide)
        } else {
            row.single_load(&prefix, &base, &inside, "0.0")
        });
        for (r, ky) in meetings {
            for (t, n) in (0..row.kernel).flat_map(|t| (0..n).map(move |n| (t, n))) {
                let value = if v.aligned { row.value(&prefix, n, t) } else { format!("{prefix}_{t}") };
                let _ = writeln!(body, "    a{r}_{n} = fma(w{}, {value}, a{r}_{n});", ky * row.kernel + t);
            }
        }
    }
    for r in 0..column.rows {
        let _ = writeln!(store, "    if y + {r}u < p.out_h {{\n    let to{r} = to + {r}u * p.dst_y;");
        let value = |n: u32| format!("epilogue_at(a{r}_{n} + b, channel, wg.z, c, y + {r}u, x + {n}u)");
        if v.aligned && v.aligned_store {
            let all: Vec<String> = (0..4).map(value).collect();
            let _ = writeln!(store, "    dst[to{r} / 4u] = quad(vec4<f32>({}));", all.join(", "));
        } else {
            for n in 0..n {
                let _ = writeln!(store, "    if x + {n}u < p.out_w {{ dst[to{r} + {n}u * p.dst_x] = {}; }}", value(n));
            }
        }
        store.push_str("    }\n");
    }
    Source::new("conv/depthwise.wgsl", include_str!("depthwise.wgsl"))
        .constant("ROWS", "u32", column.rows)
        .constant("STRIDE", "u32", row.stride)
        .flag("ALIGNED", v.aligned)
        .flag("ALIGNED_STORE", v.aligned && v.aligned_store)
        .flag("BROADCAST", v.width > 0)
        .flag("WIDE", v.wide)
        .slot("params", include_str!("broadcast/params.wgsl"))
        .slot("columns", if v.aligned { row.columns() } else { row.single_columns() })
        .slot("weights", weights)
        .slot("body", body)
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
        for (kernel, stride, dilation) in [(3, 1, 1), (3, 2, 1), (5, 1, 1), (7, 1, 1), (3, 1, 2)] {
            for (aligned, width) in [(false, 0), (true, 8), (true, 4), (false, 8)] {
                let column = ColumnWindow { kernel, stride, dilation, rows: 4 };
                let row = RowWindow { kernel, stride, dilation, pad: (kernel / 2) as i32 };
                let v = Depthwise { column, row, aligned, aligned_store: stride == 1, width, wide: width == 8 };
                for epilogue in crate::pointwise::samples() {
                    crate::validate::kernel(&depthwise(v, &epilogue)).unwrap();
                }
            }
        }
    }
}
