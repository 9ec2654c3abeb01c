use ocelli_tensor::Tensor;

use super::GroupNormalization;
use crate::operator::Outputs;
use crate::ops::instance_normalization::moments;
use crate::ops::numeric::{lanes, result};
use crate::ops::util::required;

pub(super) fn evaluate(op: &GroupNormalization, inputs: &[Option<Tensor>]) -> Outputs {
    let x = required(inputs, 0)?;
    let (_, channels, plane) = lanes(x.shape(), 1);
    let (scale, bias) = (required(inputs, 1)?.to_f64s(), required(inputs, 2)?.to_f64s());
    let per_group = channels / op.num_groups;
    let mut y = x.to_f64s();
    for (i, group) in y.chunks_mut((per_group * plane).max(1)).enumerate() {
        let first = i % op.num_groups * per_group;
        let (mean, var) = moments(group);
        let inverse = 1.0 / (var + f64::from(op.epsilon)).sqrt();
        for (j, v) in group.iter_mut().enumerate() {
            let c = first + j / plane;
            let of = |values: &[f64]| values[c * values.len() / channels];
            *v = (*v - mean) * inverse * of(&scale) + of(&bias);
        }
    }
    result(x.dtype(), x.shape(), &y)
}
