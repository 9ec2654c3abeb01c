use ocelli_tensor::Tensor;

use super::QLinearMatMul;
use crate::OpError;
use crate::operator::Outputs;
use crate::ops::matmul::{Dims, multiply};
use crate::ops::matmul_integer::{centred, parameter_shape};
use crate::ops::numeric::result;
use crate::ops::util::{broadcast_offset, for_each_index, required};

pub(super) fn evaluate(_op: &QLinearMatMul, inputs: &[Option<Tensor>]) -> Outputs {
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
    let mut y = Vec::with_capacity(product.len());
    for_each_index(&dims.y, |at| {
        let of = |(values, shape): &(Vec<f64>, Vec<usize>)| values[broadcast_offset(at, shape)];
        let scaled = product[y.len()] as f64 * (of(&a_scale) * of(&b_scale) / of(&y_scale));
        y.push(scaled.round_ties_even() + of(&y_zero));
    });
    result(get(7)?.dtype(), &dims.y, &y)
}
