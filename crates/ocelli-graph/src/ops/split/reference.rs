use ocelli_tensor::Tensor;

use super::Split;
use crate::ops::movement::{offset, output_types, pick};
use crate::ops::util::required;
use crate::{InferCx, OpError, operator::Outputs};

pub(super) fn evaluate(op: &Split, inputs: &[Option<Tensor>], outputs: usize) -> Outputs {
    let x = required(inputs, 0)?;
    let axis = InferCx::axis(op.axis, x.rank())?;
    let mut start = 0;
    output_types(op, inputs, outputs)?
        .iter()
        .map(|ty| {
            let part = pick(x, &ty.shape, &[], |at| {
                let mut from = at.to_vec();
                from[axis] += start;
                Some(offset(&from, x.shape()))
            });
            start += ty.shape[axis];
            part
        })
        .collect::<Result<Vec<_>, OpError>>()
}
