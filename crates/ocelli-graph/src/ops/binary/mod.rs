//! Elementwise functions of two tensors that broadcast to one shape. One [`BinaryKind`] per ONNX operator.
//!
//! | | shape | dtype |
//! |---|---|---|
//! | A | broadcasts with B (PRelu: the shape of Y) | any number; bool for And, Or, Xor and Equal; integers for Bitwise* and BitShift |
//! | B | broadcasts with A (PRelu: broadcasts to A) | that of A; any number for Pow |
//! | Y | the broadcast shape | that of A; bool for comparisons |
//!
//! Integers wrap; division by an integer 0 gives 0, and a shift by the width or more gives 0.

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
pub enum BinaryKind {
    /// a + b
    Add,
    /// Logical and.
    And,
    /// a shifted by b bits.
    BitShift {
        /// `direction = "RIGHT"`.
        right: bool,
    },
    /// Bits that both have.
    BitwiseAnd,
    /// Bits that either has.
    BitwiseOr,
    /// Bits that one of them has.
    BitwiseXor,
    /// a / b; integers truncate towards zero.
    Div,
    /// a = b
    Equal,
    /// a > b
    Greater,
    /// a >= b
    GreaterOrEqual,
    /// a < b
    Less,
    /// a <= b
    LessOrEqual,
    /// Remainder of a / b.
    Mod {
        /// The sign of a, as in C; otherwise the sign of b, as in Python.
        fmod: bool,
    },
    /// a * b
    Mul,
    /// Logical or.
    Or,
    /// a where a >= 0, else b * a
    PRelu,
    /// a to the power b
    Pow,
    /// a - b
    Sub,
    /// Logical exclusive or.
    Xor,
}

impl BinaryKind {
    /// Whether the result is bool.
    pub fn is_comparison(self) -> bool {
        use BinaryKind::*;
        matches!(self, And | Equal | Greater | GreaterOrEqual | Less | LessOrEqual | Or | Xor)
    }
}

/// An elementwise function of two tensors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binary {
    /// Which function.
    pub kind: BinaryKind,
}

impl Operator for Binary {
    fn name(&self) -> &'static str {
        use BinaryKind::*;
        match self.kind {
            Add => "Add",
            And => "And",
            BitShift { .. } => "BitShift",
            BitwiseAnd => "BitwiseAnd",
            BitwiseOr => "BitwiseOr",
            BitwiseXor => "BitwiseXor",
            Div => "Div",
            Equal => "Equal",
            Greater => "Greater",
            GreaterOrEqual => "GreaterOrEqual",
            Less => "Less",
            LessOrEqual => "LessOrEqual",
            Mod { .. } => "Mod",
            Mul => "Mul",
            Or => "Or",
            PRelu => "PRelu",
            Pow => "Pow",
            Sub => "Sub",
            Xor => "Xor",
        }
    }

    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, OpError> {
        use BinaryKind::*;
        let (a, b) = (cx.input(0)?, cx.input(1)?);
        if a.dtype != b.dtype && self.kind != Pow {
            return Err(OpError::invalid(format!("expected inputs of one type, got {} and {}", a.dtype, b.dtype)));
        }
        let (fits, expected): (fn(DType) -> bool, _) = match self.kind {
            And | Or | Xor => (|d| d == DType::Bool, "bool"),
            BitwiseAnd | BitwiseOr | BitwiseXor => (DType::is_integer, "integers"),
            BitShift { .. } => (|d| d.is_integer() && !d.is_signed(), "unsigned integers"),
            Equal => (|_| true, ""),
            _ => (|d| d != DType::Bool, "numbers"),
        };
        for (i, t) in [a, b].into_iter().enumerate() {
            if !fits(t.dtype) {
                return Err(OpError::invalid(format!("input {i}: expected {expected}, got {}", t.dtype)));
            }
        }
        let shape = broadcast_all([a.shape.as_slice(), &b.shape].into_iter())?;
        if self.kind == PRelu && shape != a.shape {
            return Err(OpError::invalid(format!("slope {b} does not broadcast to {a}")));
        }
        let dtype = if self.kind.is_comparison() { DType::Bool } else { a.dtype };
        Ok(vec![bounded(dtype, shape)?])
    }

    fn evaluate(&self, inputs: &[Option<Tensor>], _outputs: usize) -> Outputs {
        reference::evaluate(self, inputs)
    }

    fn lower(&self, cx: &mut LowerCx<'_>) -> Result<(), OpError> {
        lower::lower(self, cx)
    }
}
