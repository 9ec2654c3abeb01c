use ocelli_tensor::Tensor;

use super::{GlobalPool, GlobalPoolKind};
use crate::operator::Outputs;
use crate::ops::util::required;

pub(super) fn evaluate(op: &GlobalPool, inputs: &[Option<Tensor>]) -> Outputs {
    let x = required(inputs, 0)?;
    let plane: usize = x.shape()[2..].iter().product();
    let channels = x.shape()[0] * x.shape()[1];
    let xs = x.to_f64s();
    let values: Vec<f64> = (0..channels)
        .map(|c| {
            let channel = xs[c * plane..(c + 1) * plane].iter();
            match op.kind {
                GlobalPoolKind::Average => channel.sum::<f64>() / plane as f64,
                GlobalPoolKind::Max => channel.copied().fold(f64::NEG_INFINITY, f64::max),
                GlobalPoolKind::Lp { p } => {
                    let p = f64::from(p);
                    channel.map(|x| x.abs().powf(p)).sum::<f64>().powf(1.0 / p)
                }
            }
        })
        .collect();
    let mut shape = x.shape().to_vec();
    shape[2..].fill(1);
    Ok(vec![Tensor::from_f64s(x.dtype(), &shape, &values)?])
}
