use ocelli_tensor::Tensor;

use super::LpNormalization;
use crate::InferCx;
use crate::operator::Outputs;
use crate::ops::numeric::{lanes, result};
use crate::ops::util::required;

pub(super) fn evaluate(op: &LpNormalization, inputs: &[Option<Tensor>]) -> Outputs {
    let x = required(inputs, 0)?;
    let (outer, len, inner) = lanes(x.shape(), InferCx::axis(op.axis, x.rank())?);
    let mut y = x.to_f64s();
    for o in 0..outer {
        for i in 0..inner {
            let at = |l: usize| (o * len + l) * inner + i;
            let norm: f64 = match op.p {
                1 => (0..len).map(|l| y[at(l)].abs()).sum(),
                _ => (0..len).map(|l| y[at(l)].powi(2)).sum::<f64>().sqrt(),
            };
            for l in 0..len {
                y[at(l)] = if norm == 0.0 { 0.0 } else { y[at(l)] / norm };
            }
        }
    }
    result(x.dtype(), x.shape(), &y)
}
