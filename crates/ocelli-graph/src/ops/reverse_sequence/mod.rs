//! [ReverseSequence](https://onnx.ai/onnx/operators/onnx__ReverseSequence.html): of each slice `i` along `batch_axis` the
//! first `sequence_lens[i]` elements along `time_axis` in reverse, the others as they are.
//!
//! | | shape |
//! |---|---|
//! | input | `[T, N, ...]` or `[N, T, ...]` |
//! | sequence_lens | `[N]` |
//! | Y | as the input |

#[allow(missing_docs, reason = "one function")]
pub mod cases;

use ocelli_tensor::{DType, Tensor};

use super::movement::{offset, pick};
use super::util::required;
use crate::{InferCx, OpError, Operator, TensorType, operator::Outputs};

/// Attributes of ReverseSequence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReverseSequence {
    /// Which dimension is the batch: 0 or 1.
    pub batch_axis: i64,
    /// Which dimension is reversed: the other of 0 and 1.
    pub time_axis: i64,
}

impl Operator for ReverseSequence {
    fn name(&self) -> &'static str {
        "ReverseSequence"
    }

    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, OpError> {
        cx.expect_dtype(1, &[DType::I64])?;
        let (x, lens) = (cx.input(0)?, cx.input(1)?);
        let axes = (InferCx::axis(self.batch_axis, x.rank())?, InferCx::axis(self.time_axis, x.rank())?);
        if x.rank() < 2 || !matches!(axes, (0, 1) | (1, 0)) || lens.shape != [x.shape[axes.0]] {
            return Err(OpError::invalid(format!("lengths {lens} do not fit {x} with batch and time axes {axes:?}")));
        }
        Ok(vec![x.clone()])
    }

    fn evaluate(&self, inputs: &[Option<Tensor>], _outputs: usize) -> Outputs {
        let (x, lens) = (required(inputs, 0)?, required(inputs, 1)?.to_i64s());
        let (batch, time) = (InferCx::axis(self.batch_axis, x.rank())?, InferCx::axis(self.time_axis, x.rank())?);
        if let Some(bad) = lens.iter().find(|&&n| n < 0 || n > x.shape()[time] as i64) {
            return Err(OpError::invalid(format!("a length of {bad} in {} steps", x.shape()[time])));
        }
        let out = pick(x, x.shape(), &[], |at| {
            let mut from = at.to_vec();
            let n = lens[at[batch]] as usize;
            if at[time] < n {
                from[time] = n - 1 - at[time];
            }
            Some(offset(&from, x.shape()))
        })?;
        Ok(vec![out])
    }
}
