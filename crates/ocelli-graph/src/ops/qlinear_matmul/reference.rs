use ocelli_tensor::Tensor;

use super::QLinearMatMul;
use crate::OpError;
use crate::operator::Outputs;
use crate::ops::matmul::{Dims, multiply};
use crate::ops::matmul_integer::{centred, parameter_shape};
use crate::ops::numeric::result;
use crate::ops::util::{broadcast_offset, for_each_index, optional, required};

pub(super) fn evaluate(op: &QLinearMatMul, inputs: &[Option<Tensor>]) -> Outputs {
    let get = |i: usize| required(inputs, i);
    let (a, b) = (get(0)?, get(3)?);
    let dims = Dims::new(a.shape(), b.shape())?;
    let (x, w) = (centred(a, Some(get(2)?), true)?, centred(b, Some(get(5)?), false)?);
    let product = multiply(&dims, &x, &w, |sum, x, y| sum + x * y);
    // Every parameter broadcasts to Y: those of A along its rows, those of B along its columns.
    let parameter = |i: usize, rows: bool| -> Result<(Vec<f64>, Vec<usize>), OpError> {
        let t = get(i)?;
        Ok((t.to_f64s(), parameter_shape(t.shape(), &dims.y, rows)?))
    };
    let (a_scale, b_scale) = (parameter(1, true)?, parameter(4, false)?);
    let (y_scale, y_zero) = (parameter(6, true)?, parameter(7, true)?);
    let bias = optional(inputs, 8).map(Tensor::to_i64s);
    let mut y = Vec::with_capacity(product.len());
    for_each_index(&dims.y, |at| {
        let of = |(values, shape): &(Vec<f64>, Vec<usize>)| values[broadcast_offset(at, shape)];
        let column = at.last().copied().unwrap_or(0);
        let sum = product[y.len()] + bias.as_ref().map_or(0, |b| b[column]);
        let scaled = sum as f32 * (of(&a_scale) as f32 * of(&b_scale) as f32 / of(&y_scale) as f32);
        let value = f64::from(scaled.round_ties_even()) + of(&y_zero);
        y.push(op.clamp.map_or(value, |[low, high]| value.max(low.into()).min(high.into())));
    });
    result(get(7)?.dtype(), &dims.y, &y)
}
