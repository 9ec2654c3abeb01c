use ocelli_shaders::kernels::conv::col2im;
use ocelli_shaders::{Elem, Params, linear_grid};
use ocelli_tensor::Tensor;

use super::Col2Im;
use crate::OpError;
use crate::ops::conv::general::dhw;
use crate::plan::{Accepts, Dispatch, LowerCx};

/// Lowers floats to `conv.col2im`.
pub(super) fn lower(op: &Col2Im, cx: &mut LowerCx<'_>) -> Result<(), OpError> {
    let (Some(image), Some(block)) = (cx.constant(1).map(Tensor::to_i64s), cx.constant(2).map(Tensor::to_i64s)) else {
        return Err(OpError::host_only("the shapes are not constant"));
    };
    let x = cx.dense_input(0)?;
    if x.elem != Elem::F32 || x.elems() == 0 {
        return Err(OpError::host_only("an integer or empty tensor"));
    }
    let (window, blocks, shape) = op.geometry(&x.shape, &image, &block)?;
    let n = window.kernel.len();
    let sizes = [
        dhw(&shape[2..], 1)?,
        dhw(&blocks, 1)?,
        dhw(&window.kernel, 1)?,
        dhw(&window.strides, 1)?,
        dhw(&window.dilations, 1)?,
    ];
    let dst = cx.output(0, Accepts::Dense, &[&x])?;
    let count = dst.elems();
    let params = [count, x.offset, dst.offset].into_iter().chain(sizes.into_iter().flatten());
    let params = dhw(&window.pads[..n], 0)?.into_iter().fold(params.fold(Params::new(), Params::u32), Params::i32);
    cx.dispatch(Dispatch {
        kernel: col2im::kernel(),
        params: params.u32(0).u32(0).u32(0),
        views: &[&x, &dst],
        workgroups: linear_grid(count, col2im::WORKGROUP),
        flops: x.elems() as u64,
    })
}
