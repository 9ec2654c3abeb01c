use ocelli_tensor::Tensor;

use super::{Cumulative, CumulativeKind, axis_of};
use crate::operator::Outputs;
use crate::ops::numeric::{lanes, result};
use crate::ops::util::required;
use crate::OpError;

pub(super) fn evaluate(op: &Cumulative, inputs: &[Option<Tensor>]) -> Outputs {
    let x = required(inputs, 0)?;
    let axis = axis_of(required(inputs, 1)?, x.rank())?;
    let dims = lanes(x.shape(), axis);
    let sum = op.kind == CumulativeKind::Sum;
    if x.dtype().is_float() {
        let y = if sum { run(op, dims, &x.to_f64s(), 0.0, |a, b| a + b) } else { run(op, dims, &x.to_f64s(), 1.0, |a, b| a * b) };
        return result(x.dtype(), x.shape(), &y);
    }
    let y = if sum { run(op, dims, &x.to_i64s(), 0, i64::wrapping_add) } else { run(op, dims, &x.to_i64s(), 1, i64::wrapping_mul) };
    Ok(vec![Tensor::from_i64s(x.dtype(), x.shape(), &y).map_err(OpError::from)?])
}

fn run<T: Copy>(op: &Cumulative, (outer, len, inner): (usize, usize, usize), x: &[T], first: T, f: impl Fn(T, T) -> T) -> Vec<T> {
    let mut y = x.to_vec();
    for o in 0..outer {
        for i in 0..inner {
            let mut total = first;
            for step in 0..len {
                let l = if op.reverse { len - 1 - step } else { step };
                let at = (o * len + l) * inner + i;
                let before = total;
                total = f(total, x[at]);
                y[at] = if op.exclusive { before } else { total };
            }
        }
    }
    y
}
