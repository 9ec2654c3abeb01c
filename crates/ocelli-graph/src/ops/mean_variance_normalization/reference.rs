use ocelli_tensor::Tensor;

use super::MeanVarianceNormalization;
use crate::operator::Outputs;
use crate::ops::instance_normalization::moments;
use crate::ops::numeric::{axes, gather_lanes, result};
use crate::ops::util::required;

pub(super) fn evaluate(op: &MeanVarianceNormalization, inputs: &[Option<Tensor>]) -> Outputs {
    let x = required(inputs, 0)?;
    let reduced = axes(&op.axes, x.rank())?;
    let kept: Vec<usize> = (0..x.rank()).filter(|a| !reduced.contains(a)).collect();
    let xs = x.to_f64s();
    let mut y = vec![0.0; xs.len()];
    gather_lanes(x.shape(), &kept, &reduced, |lane| {
        let values: Vec<f64> = lane.iter().map(|&i| xs[i]).collect();
        let (mean, var) = moments(&values);
        for &i in lane {
            y[i] = (xs[i] - mean) / (var.sqrt() + 1e-9);
        }
    });
    result(x.dtype(), x.shape(), &y)
}
