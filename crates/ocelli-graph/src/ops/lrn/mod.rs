//! [LRN](https://onnx.ai/onnx/operators/onnx__LRN.html), local response normalization across channels:
//! `Y[n, c] = X[n, c] / (bias + alpha / size * S)^beta` with S the sum of squares over the channels
//! `c - floor((size - 1) / 2) ..= c + ceil((size - 1) / 2)` that exist. X and Y are `[N, C, D1, ...]`.

#[allow(missing_docs, reason = "one function")]
pub mod cases;

mod lower;
mod reference;

use ocelli_tensor::Tensor;

use super::numeric::FLOATS;

use crate::plan::LowerCx;
use crate::{InferCx, OpError, Operator, TensorType, operator::Outputs};

/// Attributes of LRN.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LRN {
    /// Scale of the sum; 1e-4 is the default of the standard.
    pub alpha: f32,
    /// Exponent; 0.75 is the default.
    pub beta: f32,
    /// Added to the scaled sum; 1 is the default.
    pub bias: f32,
    /// Number of channels that are summed.
    pub size: usize,
}

impl LRN {
    /// The channels that are summed for channel `c` of `channels`: first and one past the last.
    pub(crate) fn window(&self, c: usize, channels: usize) -> (usize, usize) {
        let before = (self.size - 1) / 2;
        let after = self.size - 1 - before;
        (c.saturating_sub(before), c.saturating_add(after).saturating_add(1).min(channels))
    }
}

impl Operator for LRN {
    fn name(&self) -> &'static str {
        "LRN"
    }

    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, OpError> {
        cx.expect_dtype(0, &FLOATS)?;
        let x = cx.input(0)?;
        if x.rank() < 2 || self.size == 0 {
            return Err(OpError::invalid(format!("expected [N, C, ...] and a positive size, got {x} and {}", self.size)));
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
