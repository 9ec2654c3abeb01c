//! [CumSum](https://onnx.ai/onnx/operators/onnx__CumSum.html) and [CumProd](https://onnx.ai/onnx/operators/onnx__CumProd.html)
//! along an axis, which is a one-element int64 or int32 input. Y has the shape of X.

#[allow(missing_docs, reason = "one function")]
pub mod cases;

mod lower;
mod reference;

use ocelli_tensor::Tensor;
use ocelli_tensor::DType;

use super::numeric::NUMBERS;

use crate::plan::LowerCx;
use crate::{InferCx, OpError, Operator, TensorType, operator::Outputs};

/// Which operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CumulativeKind {
    /// CumSum.
    Sum,
    /// CumProd.
    Prod,
}

/// A running sum or product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cumulative {
    /// Which operation.
    pub kind: CumulativeKind,
    /// Whether each result leaves out its own element.
    pub exclusive: bool,
    /// Whether it runs from the back.
    pub reverse: bool,
}

/// The one element of an axis input, made non-negative.
fn axis_of(t: &Tensor, rank: usize) -> Result<usize, OpError> {
    match t.to_i64s()[..] {
        [axis] => InferCx::axis(axis, rank),
        _ => Err(OpError::invalid(format!("axis: expected one element, got {}", t.len()))),
    }
}

impl Operator for Cumulative {
    fn name(&self) -> &'static str {
        match self.kind {
            CumulativeKind::Sum => "CumSum",
            CumulativeKind::Prod => "CumProd",
        }
    }

    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, OpError> {
        cx.expect_dtype(0, &NUMBERS)?;
        cx.expect_dtype(1, &[DType::I64, DType::I32])?;
        let x = cx.input(0)?;
        if let Some(axis) = cx.constants.get(1).copied().flatten() {
            axis_of(axis, x.rank())?;
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
