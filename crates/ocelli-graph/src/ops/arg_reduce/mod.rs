//! [ArgMax](https://onnx.ai/onnx/operators/onnx__ArgMax.html) and [ArgMin](https://onnx.ai/onnx/operators/onnx__ArgMin.html):
//! the index of the largest or smallest element along an axis.
//!
//! X is any shape; Y is int64 with 1 in place of the axis, or without it unless `keepdims`. A NaN counts as larger than
//! every number.

#[allow(missing_docs, reason = "one function")]
pub mod cases;

mod lower;
mod reference;

use ocelli_tensor::Tensor;
use ocelli_tensor::DType;

use super::bounds::bounded;
use super::reduce::kept_shape;

use crate::plan::LowerCx;
use crate::{InferCx, OpError, Operator, TensorType, operator::Outputs};

/// Which end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArgKind {
    /// ArgMax.
    Max,
    /// ArgMin.
    Min,
}

/// The index of an extremum along an axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ArgReduce {
    /// Which end.
    pub kind: ArgKind,
    /// The axis; 0 is the default of the standard.
    pub axis: i64,
    /// Whether the axis stays as 1; true is the default of the standard.
    pub keepdims: bool,
    /// Whether the last of equal elements is taken instead of the first.
    pub select_last_index: bool,
}

impl Operator for ArgReduce {
    fn name(&self) -> &'static str {
        match self.kind {
            ArgKind::Max => "ArgMax",
            ArgKind::Min => "ArgMin",
        }
    }

    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, OpError> {
        let x = cx.input(0)?;
        let axis = InferCx::axis(self.axis, x.rank())?;
        if x.shape.get(axis) == Some(&0) {
            return Err(OpError::invalid(format!("axis {axis} of {x} is empty")));
        }
        Ok(vec![bounded(DType::I64, kept_shape(&x.shape, &[axis], self.keepdims))?])
    }

    fn evaluate(&self, inputs: &[Option<Tensor>], _outputs: usize) -> Outputs {
        reference::evaluate(self, inputs)
    }

    fn lower(&self, cx: &mut LowerCx<'_>) -> Result<(), OpError> {
        lower::lower(self, cx)
    }
}
