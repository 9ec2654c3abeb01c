use ocelli_tensor::Tensor;

use super::{Gather, GatherKind};
use crate::ops::movement::{offset, output_type, pick, wrapped_index};
use crate::ops::util::required;
use crate::{InferCx, OpError, operator::Outputs};

/// Follows the formulas of the standard, index by index.
pub(super) fn evaluate(op: &Gather, inputs: &[Option<Tensor>]) -> Outputs {
    let (x, indices) = (required(inputs, 0)?, required(inputs, 1)?);
    let ty = output_type(op, inputs)?;
    let (shape, values) = (x.shape(), indices.to_i64s());
    let mut bad = None;
    // Index along `dim` that lies at `i` of the indices; the first one that is out of range is kept as the error.
    let mut look = |i: usize, dim: usize| -> Option<usize> {
        let index = values.get(i).copied().ok_or_else(|| OpError::invalid("too few indices"));
        index.and_then(|index| wrapped_index(index, dim)).map_err(|e| bad.get_or_insert(e).clone()).ok()
    };
    let out = match op.kind {
        GatherKind::Gather { axis } => {
            let axis = InferCx::axis(axis, x.rank())?;
            let q = indices.rank();
            pick(x, &ty.shape, &[], |at| {
                let index = look(offset(&at[axis..axis + q], indices.shape()), shape[axis])?;
                let from = [&at[..axis], &[index], &at[axis + q..]].concat();
                Some(offset(&from, shape))
            })?
        }
        GatherKind::Elements { axis } => {
            let axis = InferCx::axis(axis, x.rank())?;
            pick(x, &ty.shape, &[], |at| {
                let mut from = at.to_vec();
                from[axis] = look(offset(at, indices.shape()), shape[axis])?;
                Some(offset(&from, shape))
            })?
        }
        GatherKind::Nd { batch_dims } => {
            let last = indices.rank() - 1;
            let k = indices.shape()[last];
            pick(x, &ty.shape, &[], |at| {
                let mut from = at[..batch_dims].to_vec();
                for j in 0..k {
                    let mut tuple = at[..last].to_vec();
                    tuple.push(j);
                    from.push(look(offset(&tuple, indices.shape()), shape[batch_dims + j])?);
                }
                from.extend(&at[last..]);
                Some(offset(&from, shape))
            })?
        }
    };
    match bad {
        Some(e) => Err(e),
        None => Ok(vec![out]),
    }
}
