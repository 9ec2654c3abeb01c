//! [LpNormalization](https://onnx.ai/onnx/operators/onnx__LpNormalization.html): X divided by its L1 or L2 norm along an axis;
//! where the norm is 0, so is Y. Y has the shape of X.

#[allow(missing_docs, reason = "one function")]
pub mod cases;

mod lower;
mod reference;

use ocelli_tensor::Tensor;

use super::numeric::FLOATS;

use crate::plan::LowerCx;
use crate::{InferCx, OpError, Operator, TensorType, operator::Outputs};

/// Attributes of LpNormalization.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LpNormalization {
    /// The axis; -1 is the default of the standard.
    pub axis: i64,
    /// The norm: 1 or 2 (default).
    pub p: i64,
}

impl Operator for LpNormalization {
    fn name(&self) -> &'static str {
        "LpNormalization"
    }

    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, OpError> {
        cx.expect_dtype(0, &FLOATS)?;
        let x = cx.input(0)?;
        InferCx::axis(self.axis, x.rank())?;
        if self.p != 1 && self.p != 2 {
            return Err(OpError::invalid(format!("p: expected 1 or 2, got {}", self.p)));
        }
        Ok(vec![x.clone()])
    }

    fn evaluate(&self, inputs: &[Option<Tensor>], _outputs: usize) -> Outputs {
        reference::evaluate(self, inputs)
    }

    fn lower(&self, cx: &mut LowerCx<'_>) -> Result<(), OpError> {
        lower::lower(self, cx)
    }
}
