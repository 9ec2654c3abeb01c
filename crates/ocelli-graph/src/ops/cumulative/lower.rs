use ocelli_shaders::kernels::lanes;
use ocelli_shaders::{Elem, Params, linear_grid};
use ocelli_tensor::DType;

use super::{Cumulative, CumulativeKind, axis_of};
use crate::OpError;
use crate::ops::numeric::lanes as split;
use crate::plan::{Accepts, Dispatch, LowerCx};

pub(super) fn lower(op: &Cumulative, cx: &mut LowerCx<'_>) -> Result<(), OpError> {
    let Some(axis) = cx.constant(1) else { return Err(OpError::host_only("the axis is not constant")) };
    let dtype = cx.input_type(0)?.dtype;
    let x = cx.dense_input(0)?;
    if x.elem != Elem::F32 && !matches!(dtype, DType::I32 | DType::U32) {
        return Err(OpError::host_only(format!("a running sum of {dtype}")));
    }
    let (outer, len, inner) = split(&x.shape, axis_of(axis, x.shape.len())?);
    let out = cx.output(0, Accepts::Dense, &[&x])?;
    if x.elems() == 0 {
        return Ok(());
    }
    let params = Params::new()
        .u32(outer * inner)
        .u32(len)
        .u32(inner)
        .u32(x.offset)
        .u32(usize::from(op.kind == CumulativeKind::Prod))
        .u32(usize::from(op.exclusive))
        .u32(usize::from(op.reverse))
        .u32(0);
    cx.dispatch(Dispatch {
        kernel: lanes::cumulative(x.elem),
        params,
        views: &[&x, &out],
        workgroups: linear_grid(outer * inner, lanes::WORKGROUP),
        flops: x.elems() as u64,
    })
}
