use ocelli_tensor::Tensor;

use super::BatchNormalization;
use crate::operator::Outputs;
use crate::ops::numeric::lanes;
use crate::ops::util::required;

pub(super) fn evaluate(op: &BatchNormalization, inputs: &[Option<Tensor>]) -> Outputs {
    let x = required(inputs, 0)?;
    let (batch, channels, plane) = lanes(x.shape(), 1);
    let xs = x.to_f64s();
    let channel = |i: usize| required(inputs, i).map(Tensor::to_f64s);
    let (scale, bias) = (channel(1)?, channel(2)?);
    let (mut mean, mut var) = (channel(3)?, channel(4)?);
    let mut running = (mean.clone(), var.clone());
    let at = |n: usize, c: usize, i: usize| (n * channels + c) * plane + i;
    if op.training_mode {
        let keep = f64::from(op.momentum);
        for c in 0..channels {
            let all = || (0..batch).flat_map(|n| (0..plane).map(move |i| at(n, c, i)));
            let count = (batch * plane) as f64;
            mean[c] = all().map(|i| xs[i]).sum::<f64>() / count;
            var[c] = all().map(|i| (xs[i] - mean[c]).powi(2)).sum::<f64>() / count;
            running.0[c] = running.0[c] * keep + mean[c] * (1.0 - keep);
            running.1[c] = running.1[c] * keep + var[c] * (1.0 - keep);
        }
    }
    let mut y = vec![0.0; xs.len()];
    for n in 0..batch {
        for c in 0..channels {
            let factor = scale[c] / (var[c] + f64::from(op.epsilon)).sqrt();
            for i in 0..plane {
                y[at(n, c, i)] = (xs[at(n, c, i)] - mean[c]) * factor + bias[c];
            }
        }
    }
    let (m, v) = (required(inputs, 3)?, required(inputs, 4)?);
    Ok(vec![
        Tensor::from_f64s(x.dtype(), x.shape(), &y)?,
        Tensor::from_f64s(m.dtype(), m.shape(), &running.0)?,
        Tensor::from_f64s(v.dtype(), v.shape(), &running.1)?,
    ])
}
