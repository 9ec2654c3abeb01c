//! [InstanceNormalization](https://onnx.ai/onnx/operators/onnx__InstanceNormalization.html):
//! `Y = scale * (X - mean) / sqrt(var + epsilon) + B` with mean and (population) variance of each channel of each image.
//!
//! | | shape |
//! |---|---|
//! | X, Y | `[N, C, D1, ...]` |
//! | scale, B | `[C]` |

#[allow(missing_docs, reason = "one function")]
pub mod cases;

mod lower;
mod reference;

pub(crate) use lower::parameter;
pub(crate) use reference::moments;

use ocelli_tensor::Tensor;

use super::numeric::{FLOATS, expect_shape};

use crate::plan::LowerCx;
use crate::{InferCx, OpError, Operator, TensorType, operator::Outputs};

/// Attributes of InstanceNormalization.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct InstanceNormalization {
    /// Added to the variance; 1e-5 is the default of the standard.
    pub epsilon: f32,
}

impl Operator for InstanceNormalization {
    fn name(&self) -> &'static str {
        "InstanceNormalization"
    }

    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, OpError> {
        cx.expect_dtype(0, &FLOATS)?;
        let x = cx.input(0)?;
        if x.rank() < 2 {
            return Err(OpError::invalid(format!("input 0: expected [N, C, ...], got {x}")));
        }
        for (i, what) in ["scale", "B"].into_iter().enumerate() {
            cx.expect_dtype(i + 1, &FLOATS)?;
            expect_shape(what, cx.input(i + 1)?, &[x.shape[1]])?;
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
