use std::fmt::Write as _;

use super::{Reduction, binding};
use crate::compose::Source;
use crate::kernels::conv::broadcast::features;
use crate::kernels::row_window::{ColumnWindow, RowWindow};
use crate::{Access, Elem, Kernel, Text};

/// A variant of `pool.rows`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PoolRows {
    /// Maximum, or else average.
    pub max: bool,
    /// The window along the height, and the outputs of an invocation along it.
    pub column: ColumnWindow,
    /// The window along the width.
    pub row: RowWindow,
    /// Whether the rows of the input are read as vectors.
    pub aligned: bool,
    /// Whether the rows of the output are stored as vectors.
    pub aligned_store: bool,
    /// Whether vectors move as 64-bit words.
    pub wide: bool,
}

/// `pool.rows`: see `rows.wgsl`.
pub fn rows(v: PoolRows) -> Kernel {
    let source = Text::new(move || rows_text(v));
    let (column, row) = (v.column, v.row);
    let kind = if v.max { Reduction::Max } else { Reduction::Average };
    let layout = match (v.aligned, v.aligned_store) {
        (true, true) => ",aligned",
        (true, false) => ",aligned-in",
        _ => "",
    };
    Kernel {
        name: format!(
            "pool.rows[{},{};{}{layout}{}]",
            kind.name(),
            column.name(),
            row.name(),
            if v.wide { ",wide" } else { "" }
        ),
        source,
        bindings: vec![binding("src", Elem::F32, Access::Read), binding("dst", Elem::F32, Access::ReadWrite)],
        workgroup_size: [64, 1, 1],
        params_bytes: 24 * 4,
        features: features(false, v.wide),
        indexed_by_data: false,
    }
}

fn rows_text(v: PoolRows) -> String {
    let (column, row) = (v.column, v.row);
    let width = if v.aligned { 4 } else { 1 };
    let outputs = || (0..column.rows).flat_map(|r| (0..width).map(move |n| (r, n)));
    let (mut body, mut store) = (String::new(), String::new());
    for (r, n) in outputs() {
        let _ = writeln!(body, "    var a{r}_{n} = fill;");
    }
    for (i, meetings) in column.meetings() {
        let _ = writeln!(body, "    let iy{i} = iy + {i};\n    let row_in{i} = iy{i} >= 0 && iy{i} < i32(p.in_h);");
        let _ = writeln!(body, "    let at{i} = plane + select(0u, u32(iy{i}) * row_step, row_in{i});");
        let (base, inside, prefix) = (format!("at{i}"), format!("row_in{i}"), format!("e{i}"));
        body.push_str(&if v.aligned {
            row.load(&prefix, &base, &inside, "fill", v.wide)
        } else {
            row.single_load(&prefix, &base, &inside, "fill")
        });
        // What a row gives is the same for all outputs that meet it.
        for n in 0..width {
            let value = |t: u32| if v.aligned { row.value(&prefix, n, t) } else { format!("{prefix}_{t}") };
            let mut all = value(0);
            for t in 1..row.kernel {
                all = if v.max { format!("max({all}, {})", value(t)) } else { format!("{all} + {}", value(t)) };
            }
            let _ = writeln!(body, "    let s{i}_{n} = {all};");
            for (r, _) in &meetings {
                let _ = if v.max {
                    writeln!(body, "    a{r}_{n} = max(a{r}_{n}, s{i}_{n});")
                } else {
                    writeln!(body, "    a{r}_{n} += s{i}_{n};")
                };
            }
        }
    }
    if !v.max {
        let sum = |taps: u32, at: &dyn Fn(u32) -> String| (0..taps).map(at).collect::<Vec<_>>().join(" + ");
        for r in 0..column.rows {
            let at = |k: u32| format!("counts(iy + {}, p.in_h, p.padded_h)", r * column.stride + k * column.dilation);
            let _ = writeln!(body, "    let count_y{r} = {};", sum(column.kernel, &at));
        }
        for n in 0..width {
            let at = |t: u32| format!("counts(x0 + {}, p.in_w, p.padded_w)", n * row.stride + t * row.dilation);
            let _ = writeln!(body, "    let count_x{n} = {};", sum(row.kernel, &at));
        }
    }
    for r in 0..column.rows {
        let value = |n: u32| if v.max { format!("a{r}_{n}") } else { format!("a{r}_{n} / (count_y{r} * count_x{n})") };
        let _ = writeln!(store, "    if y + {r}u < p.out_h {{\n    let to{r} = to + {r}u * p.dst_y;");
        if v.aligned && v.aligned_store {
            let all: Vec<String> = (0..4).map(value).collect();
            let _ = writeln!(store, "    dst[to{r} / 4u] = quad(vec4<f32>({}));", all.join(", "));
        } else {
            for n in 0..width {
                let _ = writeln!(store, "    if x + {n}u < p.out_w {{ dst[to{r} + {n}u * p.dst_x] = {}; }}", value(n));
            }
        }
        store.push_str("    }\n");
    }
    Source::new("pool/rows.wgsl", include_str!("rows.wgsl"))
        .constant("ROWS", "u32", column.rows)
        .constant("STRIDE", "u32", row.stride)
        .flag("ALIGNED", v.aligned)
        .flag("ALIGNED_STORE", v.aligned && v.aligned_store)
        .flag("MAX", v.max)
        .flag("WIDE", v.wide)
        .slot("columns", if v.aligned { row.columns() } else { row.single_columns() })
        .slot("body", body)
        .slot("store", store)
        .composed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_variant_validates() {
        for (kernel, stride, dilation) in [(3, 2, 1), (2, 2, 1), (5, 1, 1), (3, 1, 2)] {
            for (max, aligned) in [(true, true), (false, true), (true, false), (false, false)] {
                let column = ColumnWindow { kernel, stride, dilation, rows: 2 };
                let row = RowWindow { kernel, stride, dilation, pad: 1 };
                crate::validate::kernel(&rows(PoolRows {
                    max,
                    column,
                    row,
                    aligned,
                    aligned_store: max,
                    wide: aligned,
                }))
                .unwrap();
            }
        }
    }
}
