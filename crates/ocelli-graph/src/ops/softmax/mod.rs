//! [Softmax](https://onnx.ai/onnx/operators/onnx__Softmax.html), [LogSoftmax](https://onnx.ai/onnx/operators/onnx__LogSoftmax.html)
//! and [Hardmax](https://onnx.ai/onnx/operators/onnx__Hardmax.html) along one axis, as operator set 13 defines them.
//!
//! | kind | value |
//! |---|---|
//! | Softmax | `exp(x) / sum exp(x)` |
//! | LogSoftmax | `x - log(sum exp(x))` |
//! | Hardmax | 1 at the first maximum, else 0 |
//!
//! Y has the shape of X.

#[allow(missing_docs, reason = "one function")]
pub mod cases;

mod lower;
mod reference;

use ocelli_tensor::Tensor;

use super::numeric::FLOATS;

use crate::plan::LowerCx;
use crate::{InferCx, OpError, Operator, TensorType, operator::Outputs};

/// Which function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SoftmaxKind {
    /// Exponentials divided by their sum.
    Softmax,
    /// Logarithm of the softmax.
    LogSoftmax,
    /// 1 at the first maximum.
    Hardmax,
}

/// Normalization of the lanes along an axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Softmax {
    /// Which function.
    pub kind: SoftmaxKind,
    /// The axis; -1 is the default of the standard.
    pub axis: i64,
}

impl Operator for Softmax {
    fn name(&self) -> &'static str {
        match self.kind {
            SoftmaxKind::Softmax => "Softmax",
            SoftmaxKind::LogSoftmax => "LogSoftmax",
            SoftmaxKind::Hardmax => "Hardmax",
        }
    }

    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, OpError> {
        cx.expect_dtype(0, &FLOATS)?;
        let x = cx.input(0)?;
        InferCx::axis(self.axis, x.rank())?;
        Ok(vec![x.clone()])
    }

    fn evaluate(&self, inputs: &[Option<Tensor>], _outputs: usize) -> Outputs {
        reference::evaluate(self, inputs)
    }

    fn lower(&self, cx: &mut LowerCx<'_>) -> Result<(), OpError> {
        lower::lower(self, cx)
    }
}
