//! [DeformConv](https://onnx.ai/onnx/operators/onnx__DeformConv.html): convolution that samples its input at learned
//! offsets by linear interpolation, optionally weighted by a mask.
//!
//! | | shape |
//! |---|---|
//! | X | `[N, C, D1, ..., Dn]` |
//! | W | `[M, C / group, k1, ..., kn]` |
//! | offset | `[N, offset_group * k1 * ... * kn * n, O1, ..., On]` |
//! | B | `[M]`, optional |
//! | mask | `[N, offset_group * k1 * ... * kn, O1, ..., On]`, optional |
//! | Y | `[N, M, O1, ..., On]` |
//!
//! What lies outside of X counts as zero.

#[allow(missing_docs, reason = "one function")]
pub mod cases;
mod lower;
mod reference;

use ocelli_tensor::{DType, Tensor};

use super::conv::{check_bias, geometry};
use super::window::{Window, bounded};
use crate::plan::LowerCx;
use crate::{InferCx, OpError, Operator, TensorType, operator::Outputs};

/// Attributes of DeformConv.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeformConv {
    /// Number of groups, at least 1.
    pub group: usize,
    /// Number of groups of input channels that share offsets, at least 1.
    pub offset_group: usize,
    /// Strides, dilations and pads; the kernel shape comes from W when it is empty.
    pub window: Window,
}

impl Operator for DeformConv {
    fn name(&self) -> &'static str {
        "DeformConv"
    }

    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, OpError> {
        cx.expect_dtype(0, &[DType::F32, DType::F16, DType::BF16, DType::F64])?;
        let (x, w, offset) = (cx.input(0)?, cx.input(1)?, cx.input(2)?);
        let (window, shape) = geometry(&self.window, self.group, &x.shape, &w.shape)?;
        let n = window.kernel.len();
        if n > 8 {
            return Err(OpError::unsupported(format!("{n} spatial dimensions")));
        }
        if self.offset_group == 0 || x.shape[1] % self.offset_group != 0 {
            return Err(OpError::invalid(format!(
                "{} channels do not fit {} offset groups",
                x.shape[1], self.offset_group
            )));
        }
        check_bias(cx, 3, w.shape[0])?;
        let taps = window.kernel.iter().fold(self.offset_group, |t, &k| t.saturating_mul(k));
        let expect = |name: &str, channels: usize, got: &TensorType| {
            let want: Vec<usize> = [shape[0], channels].iter().chain(&shape[2..]).copied().collect();
            if got.shape == want {
                return Ok(());
            }
            Err(OpError::invalid(format!("expected {name} of {want:?}, got {got}")))
        };
        expect("offsets", taps.saturating_mul(n), offset)?;
        if let Some(mask) = cx.optional(4) {
            expect("a mask", taps, mask)?;
        }
        Ok(vec![bounded(x.dtype, shape)?])
    }

    fn evaluate(&self, inputs: &[Option<Tensor>], _outputs: usize) -> Outputs {
        reference::evaluate(self, inputs)
    }

    fn lower(&self, cx: &mut LowerCx<'_>) -> Result<(), OpError> {
        lower::lower(self, cx)
    }
}
