use ocelli_tensor::Tensor;

use super::{Softmax, SoftmaxKind};
use crate::InferCx;
use crate::operator::Outputs;
use crate::ops::numeric::{lanes, order_keys, result};
use crate::ops::util::required;

pub(super) fn evaluate(op: &Softmax, inputs: &[Option<Tensor>]) -> Outputs {
    let x = required(inputs, 0)?;
    let (outer, len, inner) = lanes(x.shape(), InferCx::axis(op.axis, x.rank())?);
    let (xs, keys) = (x.to_f64s(), order_keys(x));
    let mut y = vec![0.0; xs.len()];
    for o in 0..outer {
        for i in 0..inner {
            let at = |l: usize| (o * len + l) * inner + i;
            let max = (0..len).map(|l| xs[at(l)]).fold(f64::NEG_INFINITY, f64::max);
            let sum: f64 = (0..len).map(|l| (xs[at(l)] - max).exp()).sum();
            let best = (0..len).rev().max_by_key(|&l| keys[at(l)]);
            for l in 0..len {
                y[at(l)] = match op.kind {
                    SoftmaxKind::Softmax => (xs[at(l)] - max).exp() / sum,
                    SoftmaxKind::LogSoftmax => xs[at(l)] - max - sum.ln(),
                    SoftmaxKind::Hardmax => f64::from(u8::from(Some(l) == best)),
                };
            }
        }
    }
    result(x.dtype(), x.shape(), &y)
}
