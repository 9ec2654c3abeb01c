//! Elementwise functions of one tensor: `Y[i] = f(X[i])`, same shape. One [`UnaryKind`] per ONNX operator.

#[allow(missing_docs, reason = "one function")]
pub mod cases;
mod lower;
mod reference;

use ocelli_tensor::{DType, Tensor};

use crate::plan::LowerCx;
use crate::{InferCx, OpError, Operator, TensorType, operator::Outputs};

/// Which function.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum UnaryKind {
    /// max(x, 0)
    Relu,
    /// x where x >= 0, else alpha * x
    LeakyRelu {
        /// Slope of the negative side.
        alpha: f32,
    },
    /// 1 / (1 + e^-x)
    Sigmoid,
    /// Hyperbolic tangent.
    Tanh,
}

/// An elementwise function of one tensor.
#[derive(Clone, Debug, PartialEq)]
pub struct Unary {
    /// Which function.
    pub kind: UnaryKind,
}

impl Operator for Unary {
    fn name(&self) -> &'static str {
        match self.kind {
            UnaryKind::Relu => "Relu",
            UnaryKind::LeakyRelu { .. } => "LeakyRelu",
            UnaryKind::Sigmoid => "Sigmoid",
            UnaryKind::Tanh => "Tanh",
        }
    }

    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, OpError> {
        let x = cx.input(0)?;
        if x.dtype == DType::Bool {
            return Err(OpError::invalid("input 0: expected numbers, got bool"));
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
