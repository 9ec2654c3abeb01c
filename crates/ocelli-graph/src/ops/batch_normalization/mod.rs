//! [BatchNormalization](https://onnx.ai/onnx/operators/onnx__BatchNormalization.html):
//! `Y = (X - mean) / sqrt(var + epsilon) * scale + B` per channel.
//!
//! | | shape |
//! |---|---|
//! | X, Y | `[N, C, D1, ...]`, or `[N]` with C = 1 |
//! | scale, B, input_mean, input_var | `[C]` |
//! | running_mean, running_var (training) | `[C]` |
//!
//! In training mode mean and (population) variance are those of the batch, and the running ones are
//! `input * momentum + batch * (1 - momentum)`.

#[allow(missing_docs, reason = "one function")]
pub mod cases;

mod lower;
mod reference;

use ocelli_tensor::Tensor;

use super::numeric::{FLOATS, expect_shape};

use crate::plan::LowerCx;
use crate::{InferCx, OpError, Operator, TensorType, operator::Outputs};

/// Attributes of BatchNormalization.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BatchNormalization {
    /// Added to the variance; 1e-5 is the default of the standard.
    pub epsilon: f32,
    /// Weight of the given statistics in the running ones; 0.9 is the default.
    pub momentum: f32,
    /// Whether the statistics are those of the batch.
    pub training_mode: bool,
}

impl Operator for BatchNormalization {
    fn name(&self) -> &'static str {
        "BatchNormalization"
    }

    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, OpError> {
        cx.expect_dtype(0, &FLOATS)?;
        let x = cx.input(0)?;
        if x.rank() == 0 {
            return Err(OpError::invalid("input 0: expected a batch dimension, got a scalar"));
        }
        let channels = x.shape.get(1).copied().unwrap_or(1);
        for (i, what) in ["scale", "B", "input_mean", "input_var"].into_iter().enumerate() {
            cx.expect_dtype(i + 1, &FLOATS)?;
            expect_shape(what, cx.input(i + 1)?, &[channels])?;
        }
        if !self.training_mode && cx.outputs > 1 {
            return Err(OpError::invalid("running statistics are results of training mode only"));
        }
        Ok(vec![x.clone(), cx.input(3)?.clone(), cx.input(4)?.clone()])
    }

    fn evaluate(&self, inputs: &[Option<Tensor>], _outputs: usize) -> Outputs {
        reference::evaluate(self, inputs)
    }

    fn lower(&self, cx: &mut LowerCx<'_>) -> Result<(), OpError> {
        lower::lower(self, cx)
    }
}
