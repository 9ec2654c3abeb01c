//! Elementwise functions of one tensor: `Y[i] = f(X[i])`, same shape. One [`UnaryKind`] per ONNX operator.
//!
//! | | shape | dtype |
//! |---|---|---|
//! | X | any | any number; bool for Not; integers for BitwiseNot; floats for IsNaN and IsInf; anything for Identity |
//! | Y | that of X | that of X; bool for IsNaN and IsInf |
//!
//! NaN stays NaN. Where the standard allows floats alone, integers are computed in `f64` and truncated.

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
    /// |x|
    Abs,
    /// Arc cosine.
    Acos,
    /// Inverse hyperbolic cosine.
    Acosh,
    /// Arc sine.
    Asin,
    /// Inverse hyperbolic sine.
    Asinh,
    /// Arc tangent.
    Atan,
    /// Inverse hyperbolic tangent.
    Atanh,
    /// Every bit flipped.
    BitwiseNot,
    /// The least whole number that is not below x.
    Ceil,
    /// max(0, x) + min(0, alpha * (e^(x / alpha) - 1))
    Celu {
        /// Scale of the negative side.
        alpha: f32,
    },
    /// Cosine.
    Cos,
    /// Hyperbolic cosine.
    Cosh,
    /// x where x > 0, else alpha * (e^x - 1)
    Elu {
        /// Scale of the negative side.
        alpha: f32,
    },
    /// Gauss error function.
    Erf,
    /// e^x
    Exp,
    /// The greatest whole number that is not above x.
    Floor,
    /// x * P(X <= x) for a normal X: x / 2 * (1 + erf(x / sqrt 2)).
    Gelu {
        /// `approximate = "tanh"`: x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 x^3))).
        tanh: bool,
    },
    /// max(0, min(1, alpha * x + beta))
    HardSigmoid {
        /// Slope.
        alpha: f32,
        /// Offset.
        beta: f32,
    },
    /// x * max(0, min(1, x / 6 + 1 / 2))
    HardSwish,
    /// x
    Identity,
    /// Whether x is an infinity.
    IsInf {
        /// Whether -inf counts.
        detect_negative: bool,
        /// Whether +inf counts.
        detect_positive: bool,
    },
    /// Whether x is a NaN.
    IsNaN,
    /// x where x >= 0, else alpha * x
    LeakyRelu {
        /// Slope of the negative side.
        alpha: f32,
    },
    /// Natural logarithm.
    Log,
    /// x * tanh(ln(1 + e^x))
    Mish,
    /// -x
    Neg,
    /// Logical not.
    Not,
    /// 1 / x
    Reciprocal,
    /// max(x, 0)
    Relu,
    /// The nearest whole number, halves to the even one.
    Round,
    /// gamma * x where x > 0, else gamma * alpha * (e^x - 1)
    Selu {
        /// Scale of the negative side.
        alpha: f32,
        /// Scale of both sides.
        gamma: f32,
    },
    /// x + bias where x < -lambd, x - bias where x > lambd, else 0
    Shrink {
        /// Half the width of the band that becomes 0.
        lambd: f32,
        /// What the rest moves towards 0.
        bias: f32,
    },
    /// 1 / (1 + e^-x)
    Sigmoid,
    /// -1, 0 or 1
    Sign,
    /// Sine.
    Sin,
    /// Hyperbolic sine.
    Sinh,
    /// ln(1 + e^x)
    Softplus,
    /// x / (1 + |x|)
    Softsign,
    /// Square root.
    Sqrt,
    /// x / (1 + e^(-alpha * x))
    Swish {
        /// Slope inside of the sigmoid.
        alpha: f32,
    },
    /// Tangent.
    Tan,
    /// Hyperbolic tangent.
    Tanh,
    /// x where x > alpha, else 0
    ThresholdedRelu {
        /// Threshold.
        alpha: f32,
    },
}

/// An elementwise function of one tensor.
#[derive(Clone, Debug, PartialEq)]
pub struct Unary {
    /// Which function.
    pub kind: UnaryKind,
}

impl Operator for Unary {
    fn name(&self) -> &'static str {
        use UnaryKind::*;
        match self.kind {
            Abs => "Abs",
            Acos => "Acos",
            Acosh => "Acosh",
            Asin => "Asin",
            Asinh => "Asinh",
            Atan => "Atan",
            Atanh => "Atanh",
            BitwiseNot => "BitwiseNot",
            Ceil => "Ceil",
            Celu { .. } => "Celu",
            Cos => "Cos",
            Cosh => "Cosh",
            Elu { .. } => "Elu",
            Erf => "Erf",
            Exp => "Exp",
            Floor => "Floor",
            Gelu { .. } => "Gelu",
            HardSigmoid { .. } => "HardSigmoid",
            HardSwish => "HardSwish",
            Identity => "Identity",
            IsInf { .. } => "IsInf",
            IsNaN => "IsNaN",
            LeakyRelu { .. } => "LeakyRelu",
            Log => "Log",
            Mish => "Mish",
            Neg => "Neg",
            Not => "Not",
            Reciprocal => "Reciprocal",
            Relu => "Relu",
            Round => "Round",
            Selu { .. } => "Selu",
            Shrink { .. } => "Shrink",
            Sigmoid => "Sigmoid",
            Sign => "Sign",
            Sin => "Sin",
            Sinh => "Sinh",
            Softplus => "Softplus",
            Softsign => "Softsign",
            Sqrt => "Sqrt",
            Swish { .. } => "Swish",
            Tan => "Tan",
            Tanh => "Tanh",
            ThresholdedRelu { .. } => "ThresholdedRelu",
        }
    }

    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, OpError> {
        let x = cx.input(0)?;
        let (fits, expected) = match self.kind {
            UnaryKind::Identity => (true, ""),
            UnaryKind::Not => (x.dtype == DType::Bool, "bool"),
            UnaryKind::BitwiseNot => (x.dtype.is_integer(), "integers"),
            UnaryKind::IsNaN | UnaryKind::IsInf { .. } => (x.dtype.is_float(), "floats"),
            _ => (x.dtype != DType::Bool, "numbers"),
        };
        if !fits {
            return Err(OpError::invalid(format!("input 0: expected {expected}, got {}", x.dtype)));
        }
        let dtype = match self.kind {
            UnaryKind::IsNaN | UnaryKind::IsInf { .. } => DType::Bool,
            _ => x.dtype,
        };
        Ok(vec![super::bounds::bounded(dtype, x.shape.clone())?])
    }

    fn evaluate(&self, inputs: &[Option<Tensor>], _outputs: usize) -> Outputs {
        reference::evaluate(self, inputs)
    }

    fn lower(&self, cx: &mut LowerCx<'_>) -> Result<(), OpError> {
        lower::lower(self, cx)
    }
}
