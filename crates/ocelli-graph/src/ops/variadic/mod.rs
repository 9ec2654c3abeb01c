//! [Max](https://onnx.ai/onnx/operators/onnx__Max.html), [Min](https://onnx.ai/onnx/operators/onnx__Min.html),
//! [Sum](https://onnx.ai/onnx/operators/onnx__Sum.html) and [Mean](https://onnx.ai/onnx/operators/onnx__Mean.html) over
//! any number of tensors that broadcast to one shape. NaN in any operand gives NaN.

#[allow(missing_docs, reason = "one function")]
pub mod cases;
mod lower;
mod reference;

use ocelli_tensor::{DType, Tensor};

use super::bounds::bounded;
use super::numbers::broadcast_all;
use crate::plan::LowerCx;
use crate::{InferCx, OpError, Operator, TensorType, operator::Outputs};

/// Which function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VariadicKind {
    /// The largest operand.
    Max,
    /// The smallest operand.
    Min,
    /// The sum of the operands.
    Sum,
    /// The sum divided by the number of operands.
    Mean,
}

/// An elementwise function of one or more tensors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variadic {
    /// Which function.
    pub kind: VariadicKind,
}

impl Operator for Variadic {
    fn name(&self) -> &'static str {
        match self.kind {
            VariadicKind::Max => "Max",
            VariadicKind::Min => "Min",
            VariadicKind::Sum => "Sum",
            VariadicKind::Mean => "Mean",
        }
    }

    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, OpError> {
        let first = cx.input(0)?;
        if first.dtype == DType::Bool {
            return Err(OpError::invalid("input 0: expected numbers, got bool"));
        }
        let mut shapes = Vec::new();
        for i in 0..cx.inputs.len() {
            let t = cx.input(i)?;
            if t.dtype != first.dtype {
                return Err(OpError::invalid(format!("expected inputs of one type, got {} and {}", first.dtype, t.dtype)));
            }
            shapes.push(t.shape.as_slice());
        }
        Ok(vec![bounded(first.dtype, broadcast_all(shapes.into_iter())?)?])
    }

    fn evaluate(&self, inputs: &[Option<Tensor>], _outputs: usize) -> Outputs {
        reference::evaluate(self, inputs)
    }

    fn lower(&self, cx: &mut LowerCx<'_>) -> Result<(), OpError> {
        lower::lower(self, cx)
    }
}
