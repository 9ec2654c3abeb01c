use ocelli_tensor::{DType, Tensor};

use super::{MatMulInteger, parameter_shape};
use crate::OpError;
use crate::operator::Outputs;
use crate::ops::matmul::{Dims, multiply};
use crate::ops::util::{broadcast_offset, for_each_index, optional, required};

pub(super) fn evaluate(_op: &MatMulInteger, inputs: &[Option<Tensor>]) -> Outputs {
    let (a, b) = (required(inputs, 0)?, required(inputs, 1)?);
    let dims = Dims::new(a.shape(), b.shape())?;
    let (x, w) = (centred(a, optional(inputs, 2), true)?, centred(b, optional(inputs, 3), false)?);
    let y = multiply(&dims, &x, &w, |sum, x, y| sum + x * y);
    Ok(vec![Tensor::from_i64s(DType::I32, &dims.y, &y)?])
}

/// The elements of a matrix less its zero points.
pub(crate) fn centred(t: &Tensor, zero: Option<&Tensor>, rows: bool) -> Result<Vec<i64>, OpError> {
    let mut values = t.to_i64s();
    let Some(zero) = zero else { return Ok(values) };
    let shape = parameter_shape(zero.shape(), t.shape(), rows)?;
    let (zeros, mut i) = (zero.to_i64s(), 0);
    for_each_index(t.shape(), |at| {
        values[i] -= zeros[broadcast_offset(at, &shape)];
        i += 1;
    });
    Ok(values)
}
