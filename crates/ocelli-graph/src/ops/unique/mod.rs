//! [Unique](https://onnx.ai/onnx/operators/onnx__Unique.html): the distinct elements, or the distinct slices along an axis.
//!
//! Results: Y, then (int64 vectors) the first position of each, for each element of X its position in Y, and the counts. How
//! many there are depends on the data: X must be known.

#[allow(missing_docs, reason = "one function")]
pub mod cases;

mod reference;

use ocelli_tensor::Tensor;

use super::bounds::bounded;
use super::numeric::needs_values;

use crate::{InferCx, OpError, Operator, TensorType, operator::Outputs};

/// Attributes of Unique.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unique {
    /// The axis; without one the input is flattened.
    pub axis: Option<i64>,
    /// Ascending order (default) instead of that of first occurrence.
    pub sorted: bool,
}

impl Operator for Unique {
    fn name(&self) -> &'static str {
        "Unique"
    }

    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, OpError> {
        let x = cx.input(0)?;
        bounded(x.dtype, x.shape.clone())?;
        if let Some(axis) = self.axis {
            InferCx::axis(axis, x.rank())?;
        }
        Err(needs_values(cx))
    }

    fn evaluate(&self, inputs: &[Option<Tensor>], _outputs: usize) -> Outputs {
        reference::evaluate(self, inputs)
    }
}
