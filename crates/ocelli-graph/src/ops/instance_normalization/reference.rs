use ocelli_tensor::Tensor;

use super::InstanceNormalization;
use crate::operator::Outputs;
use crate::ops::numeric::{lanes, result};
use crate::ops::util::required;

pub(super) fn evaluate(op: &InstanceNormalization, inputs: &[Option<Tensor>]) -> Outputs {
    let x = required(inputs, 0)?;
    let (_, channels, plane) = lanes(x.shape(), 1);
    let (scale, bias) = (required(inputs, 1)?.to_f64s(), required(inputs, 2)?.to_f64s());
    let mut y = x.to_f64s();
    for (i, lane) in y.chunks_mut(plane.max(1)).enumerate() {
        let c = i % channels;
        let (mean, var) = moments(lane);
        let factor = scale[c] / (var + f64::from(op.epsilon)).sqrt();
        for v in lane {
            *v = (*v - mean) * factor + bias[c];
        }
    }
    result(x.dtype(), x.shape(), &y)
}

/// Mean and population variance.
pub(crate) fn moments(x: &[f64]) -> (f64, f64) {
    let n = x.len() as f64;
    let mean = x.iter().sum::<f64>() / n;
    (mean, x.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n)
}
