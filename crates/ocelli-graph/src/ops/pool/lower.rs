use ocelli_shaders::kernels::pool::{self, Reduction};
use ocelli_shaders::{Elem, Params, linear_grid};

use super::{Pool, PoolKind};
use crate::OpError;
use crate::ops::conv::general::dhw;
use crate::plan::{Accepts, Dispatch, LowerCx};

/// Lowers to `pool.window`.
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
    let indices = cx.has_output(1).then(|| cx.output(1, Accepts::Dense, &[&x])).transpose()?;
    let dst = cx.output(0, Accepts::Dense, &[&x])?;
    let count = dst.elems();
    let mut params = Params::new().u32(count).u32(shape[1]);
    for v in [size, out, dhw(&window.kernel, 1)?, dhw(&window.strides, 1)?, dhw(&window.dilations, 1)?] {
        params = v.into_iter().fold(params, Params::u32);
    }
    params = begins.into_iter().fold(params, Params::i32);
    params = (0..3).fold(params, |p, i| p.i32(size[i] as i64 + ends[i]));
    params = params.u32(x.offset).u32(strides[0]).u32(strides[1]);
    params = spatial.into_iter().fold(params, Params::u32);
    params = params.u32(dst.offset).u32(usize::from(count_pads)).u32(usize::from(column_major)).f32(power);
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
