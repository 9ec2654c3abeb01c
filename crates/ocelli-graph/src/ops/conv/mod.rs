//! [Conv](https://onnx.ai/onnx/operators/onnx__Conv.html): cross-correlation over any number of spatial dimensions.
//!
//! `Y[n, m, o] = B[m] + sum over c, k of X[n, g * C/group + c, o * stride + k * dilation - pad_begin] * W[m, c, k]`
//!
//! | | shape |
//! |---|---|
//! | X | `[N, C, D1, ..., Dn]` |
//! | W | `[M, C / group, k1, ..., kn]` |
//! | B | `[M]`, optional |
//! | Y | `[N, M, O1, ..., On]` |

mod broadcast;
#[allow(missing_docs, reason = "one function")]
pub mod cases;
mod depthwise;
pub(crate) mod general;
mod implicit_gemm;
mod operands;
mod lower;
pub(crate) mod planar;
mod reference;
mod variants;
mod winograd;

use ocelli_tensor::{DType, Tensor};

use super::window::{Window, bounded};
use crate::plan::LowerCx;
use crate::{InferCx, OpError, Operator, TensorType, operator::Outputs};

pub(crate) use reference::correlate;

/// Attributes of Conv.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Conv {
    /// Number of groups, at least 1.
    pub group: usize,
    /// Strides, dilations and pads; the kernel shape comes from W when it is empty.
    pub window: Window,
}

/// The window of a convolution with the kernel of W and explicit pads, and the shape of Y; checks the channels.
pub(crate) fn geometry(
    window: &Window,
    group: usize,
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
    if group == 0 || Some(x[1]) != w[1].checked_mul(group) || w[0] % group != 0 {
        return Err(OpError::invalid(format!(
            "{} channels and {} filters of {} channels do not fit {group} groups",
            x[1], w[0], w[1]
        )));
    }
    let window = window.resolve(&x[2..], &w[2..])?;
    if window.kernel != w[2..] {
        return Err(OpError::invalid(format!(
            "kernel_shape {:?} differs from that of W, {:?}",
            window.kernel,
            &w[2..]
        )));
    }
    let mut shape = vec![x[0], w[0]];
    shape.extend(window.output_size(&x[2..])?);
    Ok((window, shape))
}

/// Errors unless input `i`, when given, is a vector of `channels` elements.
pub(crate) fn check_bias(cx: &InferCx<'_>, i: usize, channels: usize) -> Result<(), OpError> {
    match cx.optional(i) {
        Some(b) if b.shape != [channels] => Err(OpError::invalid(format!(
            "expected a bias of [{channels}], got {b}"
        ))),
        _ => Ok(()),
    }
}

impl Operator for Conv {
    fn name(&self) -> &'static str {
        "Conv"
    }

    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, OpError> {
        cx.expect_dtype(0, &[DType::F32, DType::F16, DType::BF16, DType::F64])?;
        let (x, w) = (cx.input(0)?, cx.input(1)?);
        let (_, shape) = geometry(&self.window, self.group, &x.shape, &w.shape)?;
        check_bias(cx, 2, w.shape[0])?;
        Ok(vec![bounded(x.dtype, shape)?])
    }

    fn evaluate(&self, inputs: &[Option<Tensor>], _outputs: usize) -> Outputs {
        reference::evaluate(self, inputs)
    }

    fn lower(&self, cx: &mut LowerCx<'_>) -> Result<(), OpError> {
        lower::lower(self, cx)
    }
}
