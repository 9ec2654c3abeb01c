use ocelli_shaders::kernels::pool::{self, PoolRows, Reduction};
use ocelli_shaders::kernels::row_window::{ColumnWindow, RowWindow};
use ocelli_shaders::{Elem, MAX_WORKGROUPS, Params, linear_grid};

use super::{Pool, PoolKind};
use crate::ops::conv::planar::{Plane, plane, vector_rows};
use crate::ops::window::Window;
use crate::OpError;
use crate::ops::conv::general::dhw;
use crate::plan::{Accepts, Dispatch, LowerCx, View};

/// Lowers to `pool.rows` (small windows of planes) or `pool.window`.
pub(super) fn lower(op: &Pool, cx: &mut LowerCx<'_>) -> Result<(), OpError> {
    let x = cx.input(0)?;
    let x = if x.is_forward() { x } else { cx.dense(&x)? };
    let (window, shape) = op.geometry(&x.shape)?;
    let n = shape.len() - 2;
    let size = dhw(&x.shape[2..], 1)?;
    let out = dhw(&shape[2..], 1)?;
    let strides: Vec<usize> = x.strides.iter().map(|&s| s as usize).collect();
    let spatial = dhw(&strides[2..], 0)?;
    let begins = dhw(&window.pads[..n], 0)?;
    let ends = dhw(&window.pads[n..], 0)?;
    if x.elems() == 0 || x.elems() > i32::MAX as usize {
        return Err(OpError::host_only("an empty or very large tensor"));
    }
    let (reduction, count_pads, column_major, power) = match op.kind {
        PoolKind::Max { column_major } => (Reduction::Max, false, column_major, 0.0),
        PoolKind::Average { count_include_pad } => (Reduction::Average, count_include_pad, false, 0.0),
        PoolKind::Lp { p } => (Reduction::Lp, false, false, p),
    };
    let most = MAX_WORKGROUPS as usize;
    let plane: usize = shape[2..].iter().product();
    let planes = x.shape[..2].iter().all(|&d| d <= most) && plane <= most * pool::WORKGROUP as usize;
    if planes && small(&window) && x.elem == Elem::F32 && reduction != Reduction::Lp && !cx.has_output(1) {
        return rows(cx, &x, &window, reduction, count_pads);
    }
    let indices = cx.has_output(1).then(|| cx.output(1, Accepts::Dense, &[&x])).transpose()?;
    let dst = cx.output(0, Accepts::Items, &[&x])?;
    let count = dst.elems();
    let mut params = Params::new().u32(count).u32(shape[1]);
    for v in [size, out, dhw(&window.kernel, 1)?, dhw(&window.strides, 1)?, dhw(&window.dilations, 1)?] {
        params = v.into_iter().fold(params, Params::u32);
    }
    params = begins.into_iter().fold(params, Params::i32);
    params = (0..3).fold(params, |p, i| p.i32(size[i] as i64 + ends[i]));
    params = params.u32(x.offset).u32(strides[0]).u32(strides[1]);
    params = spatial.into_iter().fold(params, Params::u32);
    params = params.u32(dst.offset).u32(dst.strides[0] as usize).u32(usize::from(count_pads)).u32(usize::from(column_major)).f32(power);
    if count == 0 {
        return Ok(());
    }
    let elem = if dst.elem == Elem::F32 || reduction == Reduction::Max { dst.elem } else { Elem::F32 };
    let mut views = vec![&x, &dst];
    views.extend(&indices);
    cx.dispatch(Dispatch {
        kernel: pool::window(reduction, elem, indices.is_some()),
        params,
        views: &views,
        workgroups: linear_grid(count, pool::WORKGROUP),
        flops: (count * window.kernel.iter().product::<usize>()) as u64,
    })
}

/// Whether the window is one over planes whose taps can become straight text.
fn small(w: &Window) -> bool {
    w.kernel.len() == 2
        && w.kernel.iter().all(|&k| (1..=7).contains(&k))
        && w.strides.iter().all(|&s| s <= 4)
        && w.dilations.iter().all(|&d| d <= 8)
}

/// Records `pool.rows`.
fn rows(
    cx: &mut LowerCx<'_>,
    x: &View,
    w: &Window,
    reduction: Reduction,
    count_pads: bool,
) -> Result<(), OpError> {
    let dst = cx.output(0, Accepts::Rows, &[x])?;
    if dst.elems() == 0 {
        return Ok(());
    }
    let (Plane { size: [in_h, in_w], strides: src }, Plane { size: [out_h, out_w], strides: to }) =
        (plane(x), plane(&dst));
    let v = PoolRows {
        max: reduction == Reduction::Max,
        column: ColumnWindow {
            kernel: w.kernel[0] as u32,
            stride: w.strides[0] as u32,
            dilation: w.dilations[0] as u32,
            rows: 2,
        },
        row: RowWindow {
            kernel: w.kernel[1] as u32,
            stride: w.strides[1] as u32,
            dilation: w.dilations[1] as u32,
            pad: w.pads[1] as i32,
        },
        aligned: vector_rows(x),
        aligned_store: vector_rows(&dst),
        wide: cx.target().wide(),
    };
    let columns = if v.aligned { out_w.div_ceil(4) } else { out_w };
    let positions = out_h.div_ceil(2) * columns;
    let mut params = Params::new();
    for v in [in_h, in_w, out_h, out_w, w.strides[0], positions] {
        params = params.u32(v);
    }
    params = params.i32(w.pads[0]).i32(w.pads[1]).i32(in_h as i64 + w.pads[2]).i32(in_w as i64 + w.pads[3]);
    params = params.u32(usize::from(count_pads)).u32(x.offset);
    for v in src.into_iter().chain([dst.offset]).chain(to).chain([0, 0, 0]) {
        params = params.u32(v);
    }
    cx.dispatch(Dispatch {
        kernel: pool::rows(v),
        params,
        views: &[x, &dst],
        workgroups: [positions.div_ceil(pool::WORKGROUP as usize) as u32, dst.shape[1] as u32, dst.shape[0] as u32],
        flops: (dst.elems() * w.kernel[0] * w.kernel[1]) as u64,
    })
}
