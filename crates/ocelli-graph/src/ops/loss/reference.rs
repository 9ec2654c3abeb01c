use ocelli_tensor::Tensor;

use super::{Loss, LossKind, Reduction};
use crate::OpError;
use crate::operator::Outputs;
use crate::ops::numeric::lanes;
use crate::ops::util::{optional, required};

pub(super) fn evaluate(op: &Loss, inputs: &[Option<Tensor>]) -> Outputs {
    let (x, target) = (required(inputs, 0)?, required(inputs, 1)?);
    let weight = optional(inputs, 2).map(Tensor::to_f64s);
    let (batch, classes, inner) = lanes(x.shape(), 1);
    let mut log = x.to_f64s();
    let at = |n: usize, c: usize, i: usize| (n * classes + c) * inner + i;
    if op.kind == LossKind::SoftmaxCrossEntropy {
        for n in 0..batch {
            for i in 0..inner {
                let max = (0..classes).map(|c| log[at(n, c, i)]).fold(f64::NEG_INFINITY, f64::max);
                let sum: f64 = (0..classes).map(|c| (log[at(n, c, i)] - max).exp()).sum();
                for c in 0..classes {
                    log[at(n, c, i)] -= max + sum.ln();
                }
            }
        }
    }
    let targets = target.to_i64s();
    let (mut losses, mut total) = (Vec::with_capacity(targets.len()), 0.0);
    for (j, &t) in targets.iter().enumerate() {
        if op.ignore_index == Some(t) {
            losses.push(0.0);
            continue;
        }
        let c = usize::try_from(t).ok().filter(|&c| c < classes);
        let c = c.ok_or_else(|| OpError::invalid(format!("target {t} is none of {classes} classes")))?;
        let factor = weight.as_ref().map_or(1.0, |w| w[c]);
        losses.push(-log[at(j / inner, c, j % inner)] * factor);
        total += factor;
    }
    let sum = losses.iter().sum::<f64>() + 0.0;
    let loss = match op.reduction {
        Reduction::None => Tensor::from_f64s(x.dtype(), target.shape(), &losses)?,
        Reduction::Sum => Tensor::from_f64s(x.dtype(), &[], &[sum])?,
        Reduction::Mean => Tensor::from_f64s(x.dtype(), &[], &[sum / total])?,
    };
    let mut all = vec![loss];
    if op.kind == LossKind::SoftmaxCrossEntropy {
        all.push(Tensor::from_f64s(x.dtype(), x.shape(), &log)?);
    }
    Ok(all)
}
