//! [ConvInteger](https://onnx.ai/onnx/operators/onnx__ConvInteger.html): convolution of 8-bit integers into 32 bits.
//!
//! As Conv, of `x - x_zero_point` and `w - w_zero_point`; sums are exact modulo 2^32.
//!
//! | | shape |
//! |---|---|
//! | x | `[N, C, D1, ..., Dn]` int8 or uint8 |
//! | w | `[M, C / group, k1, ..., kn]` int8 or uint8 |
//! | x_zero_point | one element, as x, optional |
//! | w_zero_point | one element or `[M]`, as w, optional |
//! | y | `[N, M, O1, ..., On]` int32 |

#[allow(missing_docs, reason = "one function")]
pub mod cases;
mod lower;
mod reference;

use ocelli_tensor::{DType, Tensor};

use super::conv::geometry;
use super::window::{Window, bounded};
use crate::plan::LowerCx;
use crate::{InferCx, OpError, Operator, TensorType, operator::Outputs};

pub(crate) use lower::{constant_zero, packed_weights};
pub(crate) use reference::minus_zero_point;

/// Attributes of ConvInteger.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConvInteger {
    /// Number of groups, at least 1.
    pub group: usize,
    /// Strides, dilations and pads; the kernel shape comes from w when it is empty.
    pub window: Window,
}

/// Errors unless input `i`, when given, has one element, or `channels` in one dimension.
pub(crate) fn check_quantization(cx: &InferCx<'_>, i: usize, channels: Option<usize>) -> Result<(), OpError> {
    match cx.optional(i) {
        Some(q) if q.elems() != 1 && (channels != Some(q.elems()) || q.rank() != 1) => {
            Err(OpError::invalid(format!("input {i}: expected one element per tensor or channel, got {q}")))
        }
        _ => Ok(()),
    }
}

impl Operator for ConvInteger {
    fn name(&self) -> &'static str {
        "ConvInteger"
    }

    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, OpError> {
        cx.expect_dtype(0, &[DType::I8, DType::U8])?;
        cx.expect_dtype(1, &[DType::I8, DType::U8])?;
        let (x, w) = (cx.input(0)?, cx.input(1)?);
        let (_, shape) = geometry(&self.window, self.group, &x.shape, &w.shape)?;
        check_quantization(cx, 2, None)?;
        check_quantization(cx, 3, Some(w.shape[0]))?;
        Ok(vec![bounded(DType::I32, shape)?])
    }

    fn evaluate(&self, inputs: &[Option<Tensor>], _outputs: usize) -> Outputs {
        reference::evaluate(self, inputs)
    }

    fn lower(&self, cx: &mut LowerCx<'_>) -> Result<(), OpError> {
        lower::lower(self, cx)
    }
}
