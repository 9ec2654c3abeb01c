//! [RMSNormalization](https://onnx.ai/onnx/operators/onnx__RMSNormalization.html):
//! `Y = X / sqrt(mean(X^2) + epsilon) * scale` with the mean over the axes from `axis` on. Y has the shape of X, to which scale
//! broadcasts.

#[allow(missing_docs, reason = "one function")]
pub mod cases;

mod lower;
mod reference;

use ocelli_tensor::Tensor;
use ocelli_tensor::DType;

use super::layer_normalization::expect_broadcast;
use super::numeric::FLOATS;

use crate::plan::LowerCx;
use crate::{InferCx, OpError, Operator, TensorType, operator::Outputs};

/// Attributes of RMSNormalization.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RMSNormalization {
    /// First normalized axis; -1 is the default of the standard.
    pub axis: i64,
    /// Added to the mean; 1e-5 is the default.
    pub epsilon: f32,
    /// Type of the first stage (`stash_type`); f32 by default.
    pub stash_type: DType,
}

impl Operator for RMSNormalization {
    fn name(&self) -> &'static str {
        "RMSNormalization"
    }

    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, OpError> {
        cx.expect_dtype(0, &FLOATS)?;
        let (x, scale) = (cx.input(0)?, cx.input(1)?);
        InferCx::axis(self.axis, x.rank())?;
        expect_broadcast(cx, 1, x)?;
        Ok(vec![TensorType::new(scale.dtype, x.shape.clone())])
    }

    fn evaluate(&self, inputs: &[Option<Tensor>], _outputs: usize) -> Outputs {
        reference::evaluate(self, inputs)
    }

    fn lower(&self, cx: &mut LowerCx<'_>) -> Result<(), OpError> {
        lower::lower(self, cx)
    }
}
