use ocelli_tensor::Tensor;

use super::ranges;
use crate::operator::Outputs;
use crate::ops::movement::{offset, pick};
use crate::ops::util::{optional, required};

pub(super) fn evaluate(inputs: &[Option<Tensor>]) -> Outputs {
    let x = required(inputs, 0)?;
    let i64s = |i| optional(inputs, i).map(Tensor::to_i64s);
    let (starts, ends) = (required(inputs, 1)?.to_i64s(), required(inputs, 2)?.to_i64s());
    let parts = ranges(x.shape(), &starts, &ends, i64s(3).as_deref(), i64s(4).as_deref())?;
    let shape: Vec<usize> = parts.iter().map(|r| r.len).collect();
    let out = pick(x, &shape, &[], |at| {
        let from: Vec<usize> =
            at.iter().zip(&parts).map(|(&i, r)| (r.start as isize + i as isize * r.step) as usize).collect();
        Some(offset(&from, x.shape()))
    })?;
    Ok(vec![out])
}
