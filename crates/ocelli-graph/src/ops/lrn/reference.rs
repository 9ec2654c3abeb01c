use ocelli_tensor::Tensor;

use super::LRN;
use crate::operator::Outputs;
use crate::ops::numeric::{lanes, result};
use crate::ops::util::required;

pub(super) fn evaluate(op: &LRN, inputs: &[Option<Tensor>]) -> Outputs {
    let x = required(inputs, 0)?;
    let (batch, channels, plane) = lanes(x.shape(), 1);
    let xs = x.to_f64s();
    let mut y = vec![0.0; xs.len()];
    for n in 0..batch {
        for c in 0..channels {
            let (first, end) = op.window(c, channels);
            for i in 0..plane {
                let at = |c: usize| (n * channels + c) * plane + i;
                let sum: f64 = (first..end).map(|c| xs[at(c)].powi(2)).sum();
                let base = f64::from(op.bias) + f64::from(op.alpha) / op.size as f64 * sum;
                y[at(c)] = xs[at(c)] / base.powf(f64::from(op.beta));
            }
        }
    }
    result(x.dtype(), x.shape(), &y)
}
