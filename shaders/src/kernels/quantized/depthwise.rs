//! `quantized.depthwise`: see `depthwise.wgsl`.

use std::fmt::Write as _;

use super::{PARAMS, PARAMS_BYTES, bindings};
use crate::compose::Source;
use crate::{Elem, Kernel};

/// The window of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Row {
    /// Taps.
    pub kernel: u32,
    /// Stride.
    pub stride: u32,
    /// Dilation.
    pub dilation: u32,
}

impl Row {
    /// Columns that four neighbouring outputs read.
    pub const fn columns(self) -> u32 {
        3 * self.stride + (self.kernel - 1) * self.dilation + 1
    }
}

/// Invocations of a workgroup.
pub const WORKGROUP: u32 = 64;

/// The kernel for one window of a row.
pub fn depthwise(row: Row) -> Kernel {
    let (mut init, mut step, mut store) = (String::new(), String::new(), String::new());
    let _ = writeln!(init, "    let x0 = i32(x * {}u) - p.pad_left;", row.stride);
    for j in 0..row.columns() {
        let used = (0..4).any(|n| {
            let d = j as i64 - i64::from(n * row.stride);
            d >= 0 && d % i64::from(row.dilation) == 0 && d / i64::from(row.dilation) < i64::from(row.kernel)
        });
        if used {
            let _ = writeln!(init, "    let ix{j} = x0 + {j}i;\n    let in{j} = ix{j} >= 0 && ix{j} < width;");
            let _ = writeln!(init, "    let c{j} = select(0u, u32(ix{j}) * p.src_x, in{j});");
            let _ =
                writeln!(step, "        let e{j} = floats_of(select(p.pad_word, src[row + c{j}], row_in && in{j}));");
        }
    }
    for n in 0..4 {
        let _ = writeln!(init, "    var a{n} = vec4<f32>(0.0);");
    }
    for t in 0..row.kernel {
        let _ = writeln!(step, "        let w{t} = weight[w_at + {t}u];");
        for n in 0..4 {
            let _ = writeln!(step, "        a{n} = fma(w{t}, e{}, a{n});", n * row.stride + t * row.dilation);
        }
    }
    for n in 0..4 {
        let _ = writeln!(store, "    if x + {n}u < p.out_w {{ dst[to + {n}u * p.dst_x] = requantized(a{n} + b, s); }}");
    }
    let source = Source::new("quantized/depthwise.wgsl", include_str!("depthwise.wgsl"))
        .constant("KERNEL_W", "u32", row.kernel)
        .slot("params", PARAMS)
        .slot("init", init)
        .slot("step", step)
        .slot("store", store)
        .text();
    Kernel {
        name: format!("quantized.depthwise[k{},s{},d{}]", row.kernel, row.stride, row.dilation),
        source,
        bindings: bindings(Elem::F32, Elem::F32),
        workgroup_size: [WORKGROUP, 1, 1],
        params_bytes: PARAMS_BYTES,
        features: Vec::new(),
        indexed_by_data: false,
    }
}
