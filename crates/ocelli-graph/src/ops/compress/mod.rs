//! [Compress](https://onnx.ai/onnx/operators/onnx__Compress.html): the slices along an axis where a condition holds.
//!
//! | | shape |
//! |---|---|
//! | input | any |
//! | condition | `[count]` bool; what it does not cover is dropped |
//! | output | input with the number of true values along the axis, or that many elements without an axis |
//!
//! The condition must be known.

#[allow(missing_docs, reason = "one function")]
pub mod cases;

mod reference;

use ocelli_tensor::Tensor;
use ocelli_tensor::DType;

use super::bounds::bounded;

use crate::{InferCx, OpError, Operator, TensorType, operator::Outputs};

/// Attributes of Compress.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Compress {
    /// The axis; without one the input is flattened.
    pub axis: Option<i64>,
}

impl Compress {
    /// The shape seen along the axis (a vector without one), the axis, and the indices that are kept.
    fn kept(&self, shape: &[usize], condition: &Tensor) -> Result<(Vec<usize>, usize, Vec<usize>), OpError> {
        let (shape, axis) = match self.axis {
            Some(axis) => (shape.to_vec(), InferCx::axis(axis, shape.len())?),
            None => (vec![shape.iter().product()], 0),
        };
        let size = *shape.get(axis).ok_or_else(|| OpError::invalid("an axis of a scalar"))?;
        let indices: Vec<usize> =
            condition.bools()?.iter().enumerate().filter(|(_, c)| **c).map(|(i, _)| i).collect();
        match indices.last() {
            Some(&last) if last >= size => {
                Err(OpError::invalid(format!("the condition keeps element {last} of {size}")))
            }
            _ => Ok((shape, axis, indices)),
        }
    }
}

impl Operator for Compress {
    fn name(&self) -> &'static str {
        "Compress"
    }

    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, OpError> {
        let x = cx.input(0)?;
        bounded(x.dtype, x.shape.clone())?;
        cx.expect_dtype(1, &[DType::Bool])?;
        let (mut shape, axis, indices) = self.kept(&x.shape, cx.constant(1)?)?;
        shape[axis] = indices.len();
        Ok(vec![bounded(x.dtype, shape)?])
    }

    fn evaluate(&self, inputs: &[Option<Tensor>], _outputs: usize) -> Outputs {
        reference::evaluate(self, inputs)
    }
}
