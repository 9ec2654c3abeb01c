//! [Cast](https://onnx.ai/onnx/operators/onnx__Cast.html) and
//! [CastLike](https://onnx.ai/onnx/operators/onnx__CastLike.html): the same numbers in another dtype.
//!
//! Floats truncate towards zero into integers and saturate at their ends (NaN becomes 0); integers wrap into narrower
//! ones; floats round to nearest even into narrower floats; anything but 0 is `true`. The attributes `saturate` and
//! `round_mode` concern 8-bit floats alone.
//!
//! | | shape | dtype |
//! |---|---|---|
//! | X | any | any |
//! | target (CastLike) | any, only its dtype counts | any |
//! | Y | that of X | `to`, or that of the target |

#[allow(missing_docs, reason = "one function")]
pub mod cases;
mod lower;
mod reference;

use ocelli_tensor::{DType, Tensor};

use crate::plan::LowerCx;
use crate::{InferCx, OpError, Operator, TensorType, operator::Outputs};

/// Attributes of Cast.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cast {
    /// The dtype of the result; `None` for CastLike, which takes that of input 1.
    pub to: Option<DType>,
}

impl Operator for Cast {
    fn name(&self) -> &'static str {
        if self.to.is_some() { "Cast" } else { "CastLike" }
    }

    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, OpError> {
        let to = match self.to {
            Some(to) => to,
            None => cx.input(1)?.dtype,
        };
        Ok(vec![super::bounds::bounded(to, cx.input(0)?.shape.clone())?])
    }

    fn evaluate(&self, inputs: &[Option<Tensor>], _outputs: usize) -> Outputs {
        reference::evaluate(self, inputs)
    }

    fn lower(&self, cx: &mut LowerCx<'_>) -> Result<(), OpError> {
        lower::lower(cx)
    }
}
