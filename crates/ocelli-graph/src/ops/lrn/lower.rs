use ocelli_shaders::kernels::lanes;
use ocelli_shaders::{Params, linear_grid};

use super::LRN;
use crate::OpError;
use crate::ops::lowering::expect_floats;
use crate::plan::{Accepts, Dispatch, LowerCx};

pub(super) fn lower(op: &LRN, cx: &mut LowerCx<'_>) -> Result<(), OpError> {
    let x = cx.dense_input(0)?;
    expect_floats(&[&x])?;
    let out = cx.output(0, Accepts::Dense, &[&x])?;
    if x.elems() == 0 {
        return Ok(());
    }
    let channels = x.shape[1];
    let before = (op.size - 1) / 2;
    let params = Params::new()
        .u32(x.elems())
        .u32(channels)
        .u32(x.shape[2..].iter().product())
        .u32(x.offset)
        .u32(before.min(channels))
        .u32((op.size - 1 - before).min(channels))
        .f32((f64::from(op.alpha) / op.size as f64) as f32)
        .f32(op.bias)
        .f32(op.beta)
        .u32(0)
        .u32(0)
        .u32(0);
    cx.dispatch(Dispatch {
        kernel: lanes::lrn(),
        params,
        views: &[&x, &out],
        workgroups: linear_grid(x.elems(), lanes::WORKGROUP),
        flops: (x.elems() * 2 * op.size.min(channels)) as u64,
    })
}
