use ocelli_tensor::{DType, Tensor};

use super::ConvInteger;
use crate::operator::Outputs;
use crate::ops::conv::correlate;
use crate::ops::util::{optional, required};

/// Values of `t` less the zero point of its tensor, or of its outermost dimension's element.
pub(crate) fn minus_zero_point(t: &Tensor, zero: Option<&Tensor>) -> Vec<f64> {
    let zero = zero.map(Tensor::to_f64s).unwrap_or_default();
    let inner = t.shape()[1..].iter().product::<usize>().max(1);
    let at = |i: usize| if zero.len() > 1 { zero.get(i / inner) } else { zero.first() };
    t.to_f64s().iter().enumerate().map(|(i, v)| v - at(i).copied().unwrap_or(0.0)).collect()
}

/// Sums of products of 9-bit integers are exact in `f64`.
pub(super) fn evaluate(op: &ConvInteger, inputs: &[Option<Tensor>]) -> Outputs {
    let (x, w) = (required(inputs, 0)?, required(inputs, 1)?);
    let (xs, ws) = (minus_zero_point(x, optional(inputs, 2)), minus_zero_point(w, optional(inputs, 3)));
    let (shape, sums) = correlate(&op.window, op.group, (&xs, x.shape()), (&ws, w.shape()), None)?;
    let sums: Vec<i64> = sums.iter().map(|&s| s as i64).collect();
    Ok(vec![Tensor::from_i64s(DType::I32, &shape, &sums)?])
}
