//! [ConstantOfShape](https://onnx.ai/onnx/operators/onnx__ConstantOfShape.html): one value everywhere.
//!
//! | | shape |
//! |---|---|
//! | input | `[rank]` |
//! | output | the values of `input`, of the dtype of `value` |

#[allow(missing_docs, reason = "one function")]
pub mod cases;

use ocelli_tensor::Tensor;

use super::bounds::bounded;
use super::movement::{dimension, output_type, pick};
use crate::{InferCx, OpError, Operator, TensorType, operator::Outputs};

/// Attributes of ConstantOfShape.
#[derive(Clone, Debug, PartialEq)]
pub struct ConstantOfShape {
    /// A tensor of one element; `None` is the float 0.
    pub value: Option<Tensor>,
}

impl ConstantOfShape {
    fn filling(&self) -> Tensor {
        self.value.clone().unwrap_or_else(|| Tensor::scalar(0f32))
    }
}

impl Operator for ConstantOfShape {
    fn name(&self) -> &'static str {
        "ConstantOfShape"
    }

    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, OpError> {
        let value = self.filling();
        if value.len() != 1 {
            return Err(OpError::invalid(format!("expected a value of one element, got {value:?}")));
        }
        let shape = cx.constant(0)?.to_i64s().into_iter().map(dimension).collect::<Result<Vec<_>, _>>()?;
        Ok(vec![bounded(value.dtype(), shape)?])
    }

    fn evaluate(&self, inputs: &[Option<Tensor>], _outputs: usize) -> Outputs {
        let ty = output_type(self, inputs)?;
        Ok(vec![pick(&self.filling(), &ty.shape, &[], |_| Some(0))?])
    }
}
