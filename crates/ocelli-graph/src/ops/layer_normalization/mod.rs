//! [LayerNormalization](https://onnx.ai/onnx/operators/onnx__LayerNormalization.html):
//! `Y = (X - mean) / sqrt(var + epsilon) * Scale + B` with mean and (population) variance over the axes from `axis` on.
//!
//! | | shape |
//! |---|---|
//! | X, Y | any |
//! | Scale, B (optional) | broadcast to X |
//! | Mean, InvStdDev (optional results) | X with 1 from `axis` on, in the stash type |

#[allow(missing_docs, reason = "one function")]
pub mod cases;

mod lower;
mod reference;

pub(crate) use reference::affine;

use ocelli_tensor::Tensor;
use ocelli_tensor::{DType, broadcast_shapes};

use super::numeric::FLOATS;

use crate::plan::LowerCx;
use crate::{InferCx, OpError, Operator, TensorType, operator::Outputs};

/// Attributes of LayerNormalization.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LayerNormalization {
    /// First normalized axis; -1 is the default of the standard.
    pub axis: i64,
    /// Added to the variance; 1e-5 is the default.
    pub epsilon: f32,
    /// Type of Mean and InvStdDev (`stash_type`): f32 by default, or bf16.
    pub stash_type: DType,
}

/// Errors unless optional input `i` broadcasts to `x`.
pub(crate) fn expect_broadcast(cx: &InferCx<'_>, i: usize, x: &TensorType) -> Result<(), OpError> {
    match cx.optional(i) {
        Some(t) if broadcast_shapes(&t.shape, &x.shape).as_ref() != Some(&x.shape) => {
            Err(OpError::invalid(format!("input {i}: {t} does not broadcast to {x}")))
        }
        Some(_) => cx.expect_dtype(i, &FLOATS),
        None => Ok(()),
    }
}

impl Operator for LayerNormalization {
    fn name(&self) -> &'static str {
        "LayerNormalization"
    }

    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, OpError> {
        cx.expect_dtype(0, &FLOATS)?;
        let (x, _) = (cx.input(0)?, cx.input(1)?);
        let axis = InferCx::axis(self.axis, x.rank())?;
        expect_broadcast(cx, 1, x)?;
        expect_broadcast(cx, 2, x)?;
        if !self.stash_type.is_float() {
            return Err(OpError::invalid(format!("stash type {}", self.stash_type)));
        }
        let kept = x.shape.iter().enumerate().map(|(i, &d)| if i < axis { d } else { 1 });
        let stash = TensorType::new(self.stash_type, kept.collect::<Vec<_>>());
        Ok(vec![x.clone(), stash.clone(), stash])
    }

    fn evaluate(&self, inputs: &[Option<Tensor>], _outputs: usize) -> Outputs {
        reference::evaluate(self, inputs)
    }

    fn lower(&self, cx: &mut LowerCx<'_>) -> Result<(), OpError> {
        lower::lower(self, cx)
    }
}
