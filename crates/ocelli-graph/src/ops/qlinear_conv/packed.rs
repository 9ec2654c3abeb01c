use super::{QLinearConv, multipliers};
use crate::OpError;
use crate::ops::conv::geometry;
use crate::ops::conv::planar::hw;
use crate::ops::conv_integer::{constant_zero, minus_zero_point};
use crate::ops::lowering::quantized::{Filters, Problem, Requantization, Words, signed};
use crate::plan::LowerCx;

/// Lowers to kernels of packed bytes; `false` where they cannot compute it: more than two spatial dimensions, or weights
/// that are no bytes once their zero points are subtracted.
pub(super) fn lower(op: &QLinearConv, cx: &mut LowerCx<'_>) -> Result<bool, OpError> {
    let (x, y) = (cx.input_type(0)?.clone(), cx.output_type(0)?.clone());
    let parameters = (cx.constant(1), cx.constant(3), cx.constant(4), cx.constant(5), cx.constant(6));
    let (Some(x_scale), Some(w), Some(w_scale), Some(w_zero), Some(y_scale)) = parameters else {
        return Ok(false);
    };
    if !(3..=4).contains(&x.rank()) || x.elems() == 0 || y.elems() == 0 {
        return Ok(false);
    }
    let (window, shape) = geometry(&op.window, op.group, &x.shape, w.shape())?;
    let x_zero = constant_zero(cx, 2)? - signed(x.dtype);
    let zero = if w_zero.to_i64s().iter().all(|&z| z == 0) { None } else { Some(w_zero) };
    let values: Vec<i64> = minus_zero_point(w, zero).iter().map(|&v| v as i64).collect();
    let taps = w.shape()[2..].iter().product();
    let sizes = [op.group, shape[1], w.shape()[1], taps];
    let Some(filters) = Filters::new(sizes, &values, cx.constant(8), x_zero) else {
        return Ok(false);
    };
    let scales = multipliers(x_scale, w_scale, y_scale, shape[1]);
    let requantization = Requantization::new(y.dtype, scales, constant_zero(cx, 7)?, op.clamp);
    let plane = |s: &[usize]| Words::planes(s[1].div_ceil(4), [s[2], s.get(3).copied().unwrap_or(1)]);
    let problem = Problem {
        filters: &filters,
        requantization: &requantization,
        window: hw(&window)?,
        batch: x.shape[0],
        src: plane(&x.shape),
        dst: plane(&y.shape),
        x_zero,
    };
    if !problem.fits() {
        return Ok(false);
    }
    let src = cx.input_bytes(0, 1)?;
    let dst = cx.output_bytes(0, 1)?;
    problem.lower(cx, &src, &dst)?;
    Ok(true)
}
