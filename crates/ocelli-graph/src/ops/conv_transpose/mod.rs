//! [ConvTranspose](https://onnx.ai/onnx/operators/onnx__ConvTranspose.html): the gradient of a convolution.
//!
//! Each `X[n, c, i]` adds `X * W[c, m, k]` to `Y[n, g * M/group + m, i * stride + k * dilation - pad_begin]`.
//!
//! | | shape |
//! |---|---|
//! | X | `[N, C, D1, ..., Dn]` |
//! | W | `[C, M / group, k1, ..., kn]` |
//! | B | `[M]`, optional |
//! | Y | `[N, M, O1, ..., On]` |
//!
//! `O = stride * (D - 1) + output_padding + (k - 1) * dilation + 1 - pad_begin - pad_end`. With `output_shape`, or with
//! SAME pads (where `O = D * stride`), the pads follow from `O`.

#[allow(missing_docs, reason = "one function")]
pub mod cases;
mod lower;
mod reference;

use ocelli_tensor::{DType, Tensor};

use super::conv::check_bias;
use super::window::{AutoPad, Window, bounded};
use crate::plan::LowerCx;
use crate::{InferCx, OpError, Operator, TensorType, operator::Outputs};

/// Attributes of ConvTranspose.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConvTranspose {
    /// Number of groups, at least 1.
    pub group: usize,
    /// Strides, dilations and pads; the kernel shape comes from W when it is empty.
    pub window: Window,
    /// Rows added at the end of each spatial dimension; empty for none.
    pub output_padding: Vec<usize>,
    /// Spatial output size (batch and channels in front of it are ignored); empty when it follows from the pads.
    pub output_shape: Vec<usize>,
}

impl ConvTranspose {
    /// The window with explicit pads (those at the end are not needed), and the shape of Y; checks the channels.
    pub(crate) fn geometry(
        &self,
        x: &[usize],
        w: &[usize],
    ) -> Result<(Window, Vec<usize>), OpError> {
        if x.len() < 3 || w.len() != x.len() {
            return Err(OpError::invalid(format!(
                "expected X and W of one rank of at least 3, got {} and {}",
                x.len(),
                w.len()
            )));
        }
        let n = x.len() - 2;
        if self.group == 0 || x[1] != w[0] || x[1] % self.group != 0 {
            return Err(OpError::invalid(format!(
                "{} channels and {} filters do not fit {} groups",
                x[1], w[0], self.group
            )));
        }
        let channels = w[1].checked_mul(self.group).filter(|&c| c < 1 << 31);
        let channels =
            channels.ok_or_else(|| OpError::invalid("too many output channels".to_owned()))?;
        let same = matches!(
            self.window.auto_pad,
            AutoPad::SameUpper | AutoPad::SameLower
        );
        let derived = same || !self.output_shape.is_empty();
        let mut window = self.window.clone();
        if derived {
            window.auto_pad = AutoPad::NotSet;
            window.pads = Vec::new();
        }
        let mut window = window.resolve(&x[2..], &w[2..])?;
        if window.kernel != w[2..] {
            return Err(OpError::invalid(format!(
                "kernel_shape {:?} differs from that of W, {:?}",
                window.kernel,
                &w[2..]
            )));
        }
        let extra = match &self.output_padding[..] {
            [] => vec![0; n],
            v if v.len() == n && v.iter().all(|&p| p < 1 << 31) => v.to_vec(),
            v => {
                return Err(OpError::invalid(format!(
                    "output_padding {v:?}: expected {n} numbers"
                )));
            }
        };
        if !self.output_shape.is_empty() && self.output_shape.len() < n {
            return Err(OpError::invalid(format!(
                "output_shape {:?}: expected {n} numbers",
                self.output_shape
            )));
        }
        let wanted = &self.output_shape[self.output_shape.len().saturating_sub(n)..];
        let mut shape = vec![x[0], channels];
        for i in 0..n {
            let too_large = || OpError::invalid(format!("spatial dimension {i} is too large"));
            let (size, stride) = (x[2 + i] as i64, window.strides[i] as i64);
            let natural = (size - 1)
                .checked_mul(stride)
                .and_then(|s| s.checked_add((extra[i] + window.reach(i)) as i64))
                .ok_or_else(too_large)?;
            let out = if !derived {
                natural - window.pads[i] - window.pads[n + i]
            } else {
                let out = match wanted.get(i) {
                    Some(&o) => i64::try_from(o).map_err(|_| too_large())?,
                    None => size.checked_mul(stride).ok_or_else(too_large)?,
                };
                let total = (natural - out).max(0);
                let less = total / 2;
                (window.pads[i], window.pads[n + i]) =
                    if self.window.auto_pad == AutoPad::SameUpper {
                        (less, total - less)
                    } else {
                        (total - less, less)
                    };
                out
            };
            if !(1..1 << 31).contains(&out) {
                return Err(OpError::invalid(format!(
                    "the output would have {out} elements along spatial dimension {i}"
                )));
            }
            shape.push(out as usize);
        }
        Ok((window, shape))
    }
}

impl Operator for ConvTranspose {
    fn name(&self) -> &'static str {
        "ConvTranspose"
    }

    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, OpError> {
        cx.expect_dtype(0, &[DType::F32, DType::F16, DType::BF16, DType::F64])?;
        let (x, w) = (cx.input(0)?, cx.input(1)?);
        let (_, shape) = self.geometry(&x.shape, &w.shape)?;
        check_bias(cx, 2, shape[1])?;
        Ok(vec![bounded(x.dtype, shape)?])
    }

    fn evaluate(&self, inputs: &[Option<Tensor>], _outputs: usize) -> Outputs {
        reference::evaluate(self, inputs)
    }

    fn lower(&self, cx: &mut LowerCx<'_>) -> Result<(), OpError> {
        lower::lower(self, cx)
    }
}
