use ocelli_tensor::Tensor;

use super::Pad;
use crate::operator::Outputs;
use crate::ops::movement::{offset, pick};
use crate::ops::util::{optional, required};

pub(super) fn evaluate(op: &Pad, inputs: &[Option<Tensor>]) -> Outputs {
    let (x, pads) = (required(inputs, 0)?, required(inputs, 1)?.to_i64s());
    let axes = op.resolved(x.shape(), &pads, optional(inputs, 3).map(Tensor::to_i64s).as_deref())?;
    let shape: Vec<usize> = axes.iter().map(|a| a.out).collect();
    let fill = optional(inputs, 2).map_or(&[][..], Tensor::bytes);
    let out = pick(x, &shape, fill, |at| {
        let from: Option<Vec<usize>> = at.iter().zip(&axes).map(|(&i, a)| a.source(i, op.mode)).collect();
        from.map(|from| offset(&from, x.shape()))
    })?;
    Ok(vec![out])
}
