use ocelli_shaders::kernels::pool;
use ocelli_shaders::pointwise::{Arg, Fun, Literal, Program, Step};
use ocelli_shaders::{Elem, Params, linear_grid};
use ocelli_tensor::contiguous_strides;

use super::MaxUnpool;
use crate::OpError;
use crate::ops::conv::general::dhw;
use crate::plan::{Accepts, Dispatch, LowerCx};

/// Fills with zeros, then lowers to `pool.max_unpool`.
pub(super) fn lower(op: &MaxUnpool, cx: &mut LowerCx<'_>) -> Result<(), OpError> {
    let (x, indices) = (cx.dense_input(0)?, cx.dense_input(1)?);
    let inferred = op.inferred_shape(&x.shape)?;
    let size = dhw(&inferred[2..], 1)?;
    let dst = cx.output(0, Accepts::Dense, &[&x, &indices])?;
    if dst.elems() == 0 || x.elems() == 0 {
        return Err(OpError::host_only("an empty tensor"));
    }
    let zero = Step { fun: Fun::Identity, args: vec![Arg::Literal(Literal::f32(0.0))], ty: Elem::F32 };
    cx.pointwise_into(&Program { inputs: Vec::new(), steps: vec![zero] }, &[], &dst)?;
    let strides = contiguous_strides(&dst.shape);
    // The stride of a missing dimension in front is never used: its coordinate is 0.
    let [d, h, _] = dhw(&strides[2..], 0)?;
    let params = [x.elems(), x.offset, indices.offset, inferred[1]].into_iter().chain(size);
    let params = params.chain([strides[0], strides[1], d, h, inferred.iter().product()]);
    cx.dispatch(Dispatch {
        kernel: pool::max_unpool(),
        params: params.fold(Params::new(), Params::u32),
        views: &[&x, &indices, &dst],
        workgroups: linear_grid(x.elems(), pool::WORKGROUP),
        flops: 0,
    })
}
