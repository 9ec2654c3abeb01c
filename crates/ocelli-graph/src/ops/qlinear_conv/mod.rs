//! [QLinearConv](https://onnx.ai/onnx/operators/onnx__QLinearConv.html): convolution of quantized tensors.
//!
//! `y = saturate(round((sum of (x - x_zero) * (w - w_zero) + B) * (x_scale * w_scale / y_scale)) + y_zero)`, exact in
//! 32-bit integers up to the scaling, which is in f32; halves round to even. With `clamp`, y is then brought within it.
//!
//! | | shape |
//! |---|---|
//! | x, x_scale, x_zero_point | `[N, C, D1, ..., Dn]` int8 or uint8, one f32, one as x |
//! | w, w_scale, w_zero_point | `[M, C / group, k1, ..., kn]` int8 or uint8, one or `[M]` f32, as many as w |
//! | y_scale, y_zero_point | one f32, one int8 or uint8 |
//! | B | `[M]` int32, optional |
//! | y | `[N, M, O1, ..., On]`, dtype of y_zero_point |

#[allow(missing_docs, reason = "one function")]
pub mod cases;
mod lower;
mod packed;
mod reference;

use ocelli_tensor::{DType, Tensor};

use super::conv::{check_bias, geometry};
use super::conv_integer::check_quantization;
use super::window::{Window, bounded};
use crate::plan::LowerCx;
use crate::{InferCx, OpError, Operator, TensorType, operator::Outputs};

/// Attributes of QLinearConv.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QLinearConv {
    /// Number of groups, at least 1.
    pub group: usize,
    /// Strides, dilations and pads; the kernel shape comes from w when it is empty.
    pub window: Window,
    /// Bounds of y, which an activation behind the convolution became.
    pub clamp: Option<[i32; 2]>,
}

impl Operator for QLinearConv {
    fn name(&self) -> &'static str {
        "QLinearConv"
    }

    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, OpError> {
        for i in [0, 3, 7] {
            cx.expect_dtype(i, &[DType::I8, DType::U8])?;
        }
        let (x, w, y_zero) = (cx.input(0)?, cx.input(3)?, cx.input(7)?);
        for i in [1, 4, 6] {
            cx.expect_dtype(i, &[DType::F32])?;
        }
        let (_, shape) = geometry(&self.window, self.group, &x.shape, &w.shape)?;
        for i in [1, 2, 6, 7] {
            check_quantization(cx, i, None)?;
        }
        for i in [4, 5] {
            check_quantization(cx, i, Some(w.shape[0]))?;
        }
        check_bias(cx, 8, w.shape[0])?;
        Ok(vec![bounded(y_zero.dtype, shape)?])
    }

    fn evaluate(&self, inputs: &[Option<Tensor>], _outputs: usize) -> Outputs {
        reference::evaluate(self, inputs)
    }

    fn lower(&self, cx: &mut LowerCx<'_>) -> Result<(), OpError> {
        lower::lower(self, cx)
    }
}

/// What a sum of each output channel is multiplied by before it is rounded.
pub(crate) fn multipliers(x_scale: &Tensor, w_scale: &Tensor, y_scale: &Tensor, channels: usize) -> Vec<f32> {
    let first = |t: &Tensor| t.to_f32s().first().copied().unwrap_or(1.0);
    let (x, y, w) = (first(x_scale), first(y_scale), w_scale.to_f32s());
    (0..channels).map(|m| x * w.get(if w.len() > 1 { m } else { 0 }).copied().unwrap_or(1.0) / y).collect()
}
