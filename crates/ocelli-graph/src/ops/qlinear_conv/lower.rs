use ocelli_shaders::Elem;
use ocelli_shaders::kernels::conv::general::Numbers;
use ocelli_tensor::Tensor;

use super::{QLinearConv, multipliers, packed};
use crate::OpError;
use crate::ops::conv::general::{General, Quantization};
use crate::ops::conv::geometry;
use crate::ops::conv::planar::Filters;
use crate::ops::conv_integer::{constant_zero, packed_weights};
use crate::ops::lowering::quantized::bounds;
use crate::plan::{Accepts, LowerCx};

/// Lowers to kernels of packed bytes, else to `conv.general` on integers, requantised.
pub(super) fn lower(op: &QLinearConv, cx: &mut LowerCx<'_>) -> Result<(), OpError> {
    if cx.has_input(8) && cx.constant(8).is_none() {
        return Err(OpError::host_only("the bias is not constant"));
    }
    if packed::lower(op, cx)? {
        return Ok(());
    }
    let x = cx.input(0)?;
    let parameters = (cx.constant(1), cx.constant(3), cx.constant(4), cx.constant(5), cx.constant(6));
    let (Some(x_scale), Some(w), Some(w_scale), Some(w_zero), Some(y_scale)) = parameters else {
        return Err(OpError::host_only("weights or scales are not constant"));
    };
    if x.elems() == 0 {
        return Err(OpError::host_only("an empty tensor"));
    }
    let x = if x.is_forward() { x } else { cx.dense(&x)? };
    let (window, shape) = geometry(&op.window, op.group, &x.shape, w.shape())?;
    let channels = shape[1];
    let filters = Filters {
        groups: op.group,
        outputs: channels / op.group.max(1),
        inputs: w.shape()[1],
        inputs_first: false,
    };
    let [low, high] = bounds(cx.output_type(0)?.dtype, op.clamp);
    let quantization = Quantization {
        src_zero: constant_zero(cx, 2)?,
        dst_zero: constant_zero(cx, 7)?,
        low,
        high,
    };
    let scales = multipliers(x_scale, w_scale, y_scale, channels);
    let weight = packed_weights(cx, filters, w, Some(w_zero));
    let bias: Vec<i32> = cx
        .constant(8)
        .map_or_else(|| vec![0; channels], |b: &Tensor| b.to_i64s().iter().map(|&v| v as i32).collect());
    let bias = cx.packed("bias", Elem::I32, &[channels], move || bytemuck::allocation::pod_collect_to_vec(&bias));
    let scales = cx.packed("scales", Elem::F32, &[channels], move || bytemuck::allocation::pod_collect_to_vec(&scales));
    let dst = cx.output(0, Accepts::Rows, &[&x])?;
    let general = General {
        numbers: Numbers::Quantized(x.elem, dst.elem),
        transposed: false,
        filters,
        window: &window,
        quantization,
    };
    general.dispatch(cx, &[&x, &weight, &bias, &scales], &dst)
}
