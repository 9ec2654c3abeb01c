use ocelli_tensor::{Tensor, contiguous_strides};

use super::MaxUnpool;
use crate::OpError;
use crate::operator::Outputs;
use crate::ops::util::{for_each_index, optional, required};

pub(super) fn evaluate(op: &MaxUnpool, inputs: &[Option<Tensor>]) -> Outputs {
    let (x, indices) = (required(inputs, 0)?, required(inputs, 1)?);
    let inferred = op.inferred_shape(x.shape())?;
    let shape = op.shape(x.shape(), optional(inputs, 2).map(Tensor::to_i64s))?;
    let mut small = vec![0.0; inferred.iter().product()];
    for (value, index) in x.to_f64s().into_iter().zip(indices.to_i64s()) {
        let at = usize::try_from(index).ok().filter(|&i| i < small.len());
        let at = at.ok_or_else(|| OpError::invalid(format!("index {index} is outside of {inferred:?}")))?;
        small[at] = value;
    }
    let strides = contiguous_strides(&inferred);
    let mut out = Vec::with_capacity(shape.iter().product());
    for_each_index(&shape, |at| {
        let inside = at.iter().zip(&inferred).all(|(a, d)| a < d);
        let from: usize = at.iter().zip(&strides).map(|(a, s)| a * s).sum();
        out.push(if inside { small[from] } else { 0.0 });
    });
    Ok(vec![Tensor::from_f64s(x.dtype(), &shape, &out)?])
}
