//! [OneHot](https://onnx.ai/onnx/operators/onnx__OneHot.html): a new dimension of `depth`, "on" at the index and "off"
//! elsewhere; indices outside of `-depth..depth` are "off" everywhere.
//!
//! | | shape |
//! |---|---|
//! | indices | `[d0, ..., dr]`, any numbers |
//! | depth | one element |
//! | values | `[2]`: off, on |
//! | output | `indices` with `depth` inserted at `axis`, of the dtype of `values` |

#[allow(missing_docs, reason = "one function")]
pub mod cases;

use ocelli_tensor::Tensor;

use super::bounds::bounded;
use super::movement::{dimension, offset, output_type, pick};
use super::util::required;
use crate::{InferCx, OpError, Operator, TensorType, operator::Outputs};

/// Attributes of OneHot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OneHot {
    /// Where the new dimension is, in the output; negative ones count from the back.
    pub axis: i64,
}

impl Operator for OneHot {
    fn name(&self) -> &'static str {
        "OneHot"
    }

    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, OpError> {
        let (indices, values) = (cx.input(0)?, cx.input(2)?);
        let depth = cx.constant(1)?.to_i64s();
        let ([depth], [2]) = (&depth[..], &values.shape[..]) else {
            return Err(OpError::invalid(format!("expected one depth and two values, got {} and {values}", depth.len())));
        };
        let axis = InferCx::axis(self.axis, indices.rank() + 1)?;
        let mut shape = indices.shape.clone();
        shape.insert(axis, dimension(*depth)?);
        Ok(vec![bounded(values.dtype, shape)?])
    }

    fn evaluate(&self, inputs: &[Option<Tensor>], _outputs: usize) -> Outputs {
        let (indices, values) = (required(inputs, 0)?, required(inputs, 2)?);
        let ty = output_type(self, inputs)?;
        let axis = InferCx::axis(self.axis, ty.rank())?;
        let depth = ty.shape[axis] as i64;
        let hot = indices.to_i64s();
        let out = pick(values, &ty.shape, &[], |at| {
            let mut from = at.to_vec();
            from.remove(axis);
            let index = *hot.get(offset(&from, indices.shape()))?;
            let index = if index < 0 { index.saturating_add(depth) } else { index };
            Some(usize::from(index == at[axis] as i64))
        })?;
        Ok(vec![out])
    }
}
