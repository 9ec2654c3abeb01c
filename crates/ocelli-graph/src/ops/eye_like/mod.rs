//! [EyeLike](https://onnx.ai/onnx/operators/onnx__EyeLike.html): ones on diagonal `k`, zeros elsewhere. Depends on the
//! shape of the input alone, so binding folds it.
//!
//! | | shape |
//! |---|---|
//! | input | `[H, W]`, or `[N]`, which stands for `[N, N]` |
//! | output | `[H, W]` |

#[allow(missing_docs, reason = "one function")]
pub mod cases;

use ocelli_tensor::{DType, Tensor};

use super::bounds::bounded;
use super::movement::pick;
use crate::{InferCx, OpError, Operator, TensorType, operator::Outputs};

/// Attributes of EyeLike.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EyeLike {
    /// Dtype of the output; `None` is that of the input.
    pub dtype: Option<DType>,
    /// Which diagonal: positive ones lie above the main diagonal.
    pub k: i64,
}

impl EyeLike {
    fn output(&self, input: &TensorType) -> Result<TensorType, OpError> {
        let shape = match input.shape[..] {
            [h, w] => [h, w],
            [n] => [n, n],
            _ => return Err(OpError::invalid(format!("expected one or two dimensions, got {input}"))),
        };
        bounded(self.dtype.unwrap_or(input.dtype), shape)
    }

    /// The result for an input of this type.
    pub(crate) fn value(&self, input: &TensorType) -> Result<Tensor, OpError> {
        let ty = self.output(input)?;
        let one = Tensor::from_f64s(ty.dtype, &[], &[1.0])?;
        pick(&one, &ty.shape, &[], |at| (at[1] as i64 - at[0] as i64 == self.k).then_some(0))
    }
}

impl Operator for EyeLike {
    fn name(&self) -> &'static str {
        "EyeLike"
    }

    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, OpError> {
        Ok(vec![self.output(cx.input(0)?)?])
    }

    fn evaluate(&self, inputs: &[Option<Tensor>], _outputs: usize) -> Outputs {
        let x = super::util::required(inputs, 0)?;
        Ok(vec![self.value(&TensorType::new(x.dtype(), x.shape()))?])
    }
}
