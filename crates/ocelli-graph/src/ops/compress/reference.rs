use ocelli_tensor::Tensor;

use super::Compress;
use crate::operator::Outputs;
use crate::ops::numeric::{lanes, pick};
use crate::ops::util::required;

pub(super) fn evaluate(op: &Compress, inputs: &[Option<Tensor>]) -> Outputs {
    let x = required(inputs, 0)?;
    let (mut shape, axis, indices) = op.kept(x.shape(), required(inputs, 1)?)?;
    let (outer, len, inner) = lanes(&shape, axis);
    let mut at = Vec::with_capacity(outer * indices.len() * inner);
    for o in 0..outer {
        for &l in &indices {
            at.extend((0..inner).map(|i| (o * len + l) * inner + i));
        }
    }
    shape[axis] = indices.len();
    Ok(vec![pick(x, &shape, &at)?])
}
