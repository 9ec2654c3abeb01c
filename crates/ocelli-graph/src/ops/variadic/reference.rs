use ocelli_tensor::Tensor;

use super::{Variadic, VariadicKind};
use crate::operator::Outputs;
use crate::ops::numbers::{broadcast_all, from_ints, ints, max, min, offsets};
use crate::ops::util::required;

pub(super) fn evaluate(op: &Variadic, inputs: &[Option<Tensor>]) -> Outputs {
    let tensors = (0..inputs.len()).map(|i| required(inputs, i)).collect::<Result<Vec<_>, _>>()?;
    let first = required(inputs, 0)?;
    let shape = broadcast_all(tensors.iter().map(|t| t.shape()))?;
    if first.dtype().is_float() {
        let mut all: Vec<f64> = Vec::new();
        for t in &tensors {
            let x = t.to_f64s();
            let at = offsets(&shape, t.shape());
            if all.is_empty() {
                all = at.iter().map(|&i| x[i]).collect();
                continue;
            }
            for (y, &i) in all.iter_mut().zip(&at) {
                *y = match op.kind {
                    VariadicKind::Max => max(*y, x[i]),
                    VariadicKind::Min => min(*y, x[i]),
                    VariadicKind::Sum | VariadicKind::Mean => *y + x[i],
                };
            }
        }
        if op.kind == VariadicKind::Mean {
            all.iter_mut().for_each(|y| *y /= tensors.len() as f64);
        }
        return Ok(vec![Tensor::from_f64s(first.dtype(), &shape, &all)?]);
    }
    let mut all: Vec<i128> = Vec::new();
    for t in &tensors {
        let x = ints(t);
        let at = offsets(&shape, t.shape());
        if all.is_empty() {
            all = at.iter().map(|&i| x[i]).collect();
            continue;
        }
        for (y, &i) in all.iter_mut().zip(&at) {
            *y = match op.kind {
                VariadicKind::Max => (*y).max(x[i]),
                VariadicKind::Min => (*y).min(x[i]),
                VariadicKind::Sum | VariadicKind::Mean => *y + x[i],
            };
        }
    }
    if op.kind == VariadicKind::Mean {
        all.iter_mut().for_each(|y| *y /= tensors.len() as i128);
    }
    Ok(vec![from_ints(first.dtype(), &shape, &all)?])
}
