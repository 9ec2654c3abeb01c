use ocelli_tensor::Tensor;

use super::QLinearMatMul;
use crate::OpError;
use crate::ops::conv::planar::Window2;
use crate::ops::lowering::quantized::{Filters, Problem, Requantization, Words, signed};
use crate::ops::matmul_integer::centred;
use crate::ops::qlinear_conv::multipliers;
use crate::plan::LowerCx;

/// Lowers the product with a constant matrix to a pointwise convolution of packed bytes, whose pixels are the rows of A.
pub(super) fn lower(op: &QLinearMatMul, cx: &mut LowerCx<'_>) -> Result<(), OpError> {
    let (a, y) = (cx.input_type(0)?.clone(), cx.output_type(0)?.clone());
    let constants: Option<Vec<&Tensor>> = (1..8).map(|i| cx.constant(i)).collect();
    let Some(&[a_scale, a_zero, b, b_scale, b_zero, y_scale, y_zero]) = constants.as_deref() else {
        return Err(OpError::host_only("B, scales or zero points are not constant"));
    };
    if cx.has_input(8) && cx.constant(8).is_none() {
        return Err(OpError::host_only("the bias is not constant"));
    }
    let one = [a_scale, a_zero, y_scale, y_zero].iter().all(|t| t.len() == 1);
    if !one || a.rank() < 2 || b.shape().len() != 2 || a.elems() == 0 || y.elems() == 0 {
        return Err(OpError::host_only("scales per row, a batch of matrices B, a vector, or an empty tensor"));
    }
    let first = |t: &Tensor| t.to_i64s().first().copied().unwrap_or(0);
    let [k, n] = [b.shape()[0], b.shape()[1]];
    let centred = centred(b, Some(b_zero), false)?;
    let by_columns: Vec<i64> = (0..n).flat_map(|j| (0..k).map(move |i| (i, j))).map(|(i, j)| centred[i * n + j]).collect();
    let x_zero = first(a_zero) - signed(a.dtype);
    let filters = Filters::new([1, n, k, 1], &by_columns, cx.constant(8), x_zero)
        .ok_or_else(|| OpError::host_only("weights less their zero points that are no bytes"))?;
    let scales = multipliers(a_scale, b_scale, y_scale, n);
    let requantization = Requantization::new(y.dtype, scales, first(y_zero), op.clamp);
    let rows = a.elems() / k;
    let problem = Problem {
        filters: &filters,
        requantization: &requantization,
        window: Window2 { kernel: [1, 1], strides: [1, 1], dilations: [1, 1], begins: [0, 0] },
        batch: 1,
        src: Words::rows(k.div_ceil(4), rows),
        dst: Words::rows(n.div_ceil(4), rows),
        x_zero,
    };
    if !problem.fits() {
        return Err(OpError::host_only("too many rows"));
    }
    let src = cx.input_bytes(0, a.rank() - 1)?;
    let dst = cx.output_bytes(0, y.rank() - 1)?;
    problem.lower(cx, &src, &dst)
}
