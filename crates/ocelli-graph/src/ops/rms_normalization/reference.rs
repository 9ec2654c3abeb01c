use ocelli_tensor::Tensor;

use super::RMSNormalization;
use crate::InferCx;
use crate::operator::Outputs;
use crate::ops::layer_normalization::affine;
use crate::ops::numeric::result;
use crate::ops::util::required;

pub(super) fn evaluate(op: &RMSNormalization, inputs: &[Option<Tensor>]) -> Outputs {
    let (x, scale) = (required(inputs, 0)?, required(inputs, 1)?);
    let axis = InferCx::axis(op.axis, x.rank())?;
    let lane: usize = x.shape().iter().skip(axis).product();
    let mut y = x.to_f64s();
    for row in y.chunks_mut(lane.max(1)) {
        let mean = row.iter().map(|v| v * v).sum::<f64>() / lane as f64;
        let factor = 1.0 / (mean + f64::from(op.epsilon)).sqrt();
        for v in row {
            *v *= factor;
        }
    }
    affine(&mut y, x.shape(), Some(scale), None);
    result(scale.dtype(), x.shape(), &y)
}
