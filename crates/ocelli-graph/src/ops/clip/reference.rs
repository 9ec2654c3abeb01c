use ocelli_tensor::Tensor;

use crate::operator::Outputs;
use crate::ops::numbers::{from_ints, ints, max, min};
use crate::ops::util::{optional, required};

pub(super) fn evaluate(inputs: &[Option<Tensor>]) -> Outputs {
    let x = required(inputs, 0)?;
    let bound = |i: usize| optional(inputs, i);
    if x.dtype().is_float() {
        let bound = |i: usize| bound(i).and_then(|t| t.to_f64s().first().copied());
        let (low, high) = (bound(1), bound(2));
        let clip = |x: f64| {
            let x = low.map_or(x, |low| max(x, low));
            high.map_or(x, |high| min(x, high))
        };
        let values: Vec<f64> = x.to_f64s().into_iter().map(clip).collect();
        return Ok(vec![Tensor::from_f64s(x.dtype(), x.shape(), &values)?]);
    }
    let bound = |i: usize| bound(i).and_then(|t| ints(t).first().copied());
    let (low, high) = (bound(1).unwrap_or(i128::MIN), bound(2).unwrap_or(i128::MAX));
    let values: Vec<i128> = ints(x).into_iter().map(|x| x.max(low).min(high)).collect();
    Ok(vec![from_ints(x.dtype(), x.shape(), &values)?])
}
