use ocelli_tensor::Tensor;

use super::LayerNormalization;
use crate::InferCx;
use crate::operator::Outputs;
use crate::ops::instance_normalization::moments;
use crate::ops::util::{broadcast_offset, for_each_index, optional, required};

pub(super) fn evaluate(op: &LayerNormalization, inputs: &[Option<Tensor>]) -> Outputs {
    let x = required(inputs, 0)?;
    let axis = InferCx::axis(op.axis, x.rank())?;
    let lane: usize = x.shape()[axis.min(x.rank())..].iter().product();
    let mut y = x.to_f64s();
    let (mut means, mut inverses) = (Vec::new(), Vec::new());
    for row in y.chunks_mut(lane.max(1)) {
        let (mean, var) = moments(row);
        let inverse = 1.0 / (var + f64::from(op.epsilon)).sqrt();
        for v in row {
            *v = (*v - mean) * inverse;
        }
        means.push(mean);
        inverses.push(inverse);
    }
    let kept: Vec<usize> = x.shape().iter().enumerate().map(|(i, &d)| if i < axis { d } else { 1 }).collect();
    // Without elements per lane there is still one mean for each.
    means.resize(kept.iter().product(), f64::NAN);
    inverses.resize(means.len(), f64::NAN);
    affine(&mut y, x.shape(), Some(required(inputs, 1)?), optional(inputs, 2));
    Ok(vec![
        Tensor::from_f64s(x.dtype(), x.shape(), &y)?,
        Tensor::from_f64s(op.stash_type, &kept, &means)?,
        Tensor::from_f64s(op.stash_type, &kept, &inverses)?,
    ])
}

/// `y * scale + bias`, both broadcast to `shape`.
pub(crate) fn affine(y: &mut [f64], shape: &[usize], scale: Option<&Tensor>, bias: Option<&Tensor>) {
    let values = |t: Option<&Tensor>| t.map(|t| (t.to_f64s(), t.shape().to_vec()));
    let (scale, bias) = (values(scale), values(bias));
    let mut i = 0;
    for_each_index(shape, |at| {
        let of = |t: &Option<(Vec<f64>, Vec<usize>)>, none: f64| {
            t.as_ref().map_or(none, |(v, shape)| v[broadcast_offset(at, shape)])
        };
        y[i] = y[i] * of(&scale, 1.0) + of(&bias, 0.0);
        i += 1;
    });
}
