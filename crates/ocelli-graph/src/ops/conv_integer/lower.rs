use ocelli_shaders::Elem;
use ocelli_shaders::kernels::conv::general::{Numbers, TILE_OC};
use ocelli_tensor::Tensor;

use super::{ConvInteger, minus_zero_point};
use crate::OpError;
use crate::ops::conv::general::{General, Quantization};
use crate::ops::conv::geometry;
use crate::ops::conv::planar::Filters;
use crate::plan::{Accepts, LowerCx, View};

/// The constant element of input `i`, zero when the input is omitted.
pub(crate) fn constant_zero(cx: &LowerCx<'_>, i: usize) -> Result<i64, OpError> {
    match cx.constant(i) {
        Some(t) => Ok(t.to_i64s().first().copied().unwrap_or(0)),
        None if cx.has_input(i) => Err(OpError::host_only("a zero point is not constant")),
        None => Ok(0),
    }
}

/// Constant weights `w` less their zero points, packed for `conv.general`.
pub(crate) fn packed_weights(cx: &mut LowerCx<'_>, filters: Filters, w: &Tensor, zero: Option<&Tensor>) -> View {
    let taps: usize = w.shape()[2..].iter().product();
    let blocks = filters.outputs.div_ceil(TILE_OC);
    let (w, zero) = (w.clone(), zero.cloned());
    let shape = [filters.groups, blocks, taps, filters.inputs, TILE_OC];
    cx.packed("weight less zero oihw->gb(hw)i4", Elem::I32, &shape, move || {
        let values: Vec<i32> = minus_zero_point(&w, zero.as_ref()).iter().map(|&v| v as i32).collect();
        bytemuck::allocation::pod_collect_to_vec(&filters.pack(&values, taps, TILE_OC))
    })
}

/// Lowers to `conv.general` on integers.
pub(super) fn lower(op: &ConvInteger, cx: &mut LowerCx<'_>) -> Result<(), OpError> {
    let x = cx.input(0)?;
    let Some(w) = cx.constant(1) else {
        return Err(OpError::host_only("the weights are not constant"));
    };
    if cx.has_input(3) && cx.constant(3).is_none() {
        return Err(OpError::host_only("a zero point is not constant"));
    }
    if x.elems() == 0 {
        return Err(OpError::host_only("an empty tensor"));
    }
    let x = if x.is_forward() { x } else { cx.dense(&x)? };
    let (window, shape) = geometry(&op.window, op.group, &x.shape, w.shape())?;
    let filters = Filters {
        groups: op.group,
        outputs: shape[1] / op.group.max(1),
        inputs: w.shape()[1],
        inputs_first: false,
    };
    let quantization = Quantization { src_zero: constant_zero(cx, 2)?, ..Quantization::default() };
    let weight = packed_weights(cx, filters, w, cx.constant(3));
    let bias = cx.packed("no bias", Elem::I32, &[shape[1]], move || vec![0; shape[1] * 4]);
    let dst = cx.output(0, Accepts::Rows, &[&x])?;
    let general = General { numbers: Numbers::Integer(x.elem), transposed: false, filters, window: &window, quantization };
    general.dispatch(cx, &[&x, &weight, &bias], &dst)
}
