//! [Conv](https://onnx.ai/onnx/operators/onnx__Conv.html): cross-correlation over 1, 2 or 3 spatial dimensions.
//!
//! `Y[n, m, o] = B[m] + sum over c, k of X[n, g * C/group + c, o * stride + k * dilation - pad_begin] * W[m, c, k]`
//!
//! | | shape |
//! |---|---|
//! | X | `[N, C, D1, ..., Dn]` |
//! | W | `[M, C / group, k1, ..., kn]` |
//! | B | `[M]`, optional |
//! | Y | `[N, M, O1, ..., On]` |

#[allow(missing_docs, reason = "one function")]
pub mod cases;
mod lower;
mod reference;

use ocelli_tensor::{DType, Tensor};

use super::window::Window;
use crate::plan::LowerCx;
use crate::{InferCx, OpError, Operator, TensorType, operator::Outputs};

/// Attributes of Conv.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Conv {
    /// Number of groups, at least 1.
    pub group: usize,
    /// Strides, dilations and pads; the kernel shape comes from W when it is empty.
    pub window: Window,
}

impl Conv {
    /// The window with the kernel of `w` and pads made explicit for an input of spatial `size`.
    pub(crate) fn resolved(&self, x: &[usize], w: &[usize]) -> Result<Window, OpError> {
        if x.len() < 3 || w.len() != x.len() {
            return Err(OpError::invalid(format!("expected X and W of one rank of at least 3, got {} and {}", x.len(), w.len())));
        }
        self.window.resolve(&x[2..], &w[2..])
    }
}

impl Operator for Conv {
    fn name(&self) -> &'static str {
        "Conv"
    }

    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, OpError> {
        cx.expect_dtype(0, &[DType::F32, DType::F16, DType::BF16, DType::F64])?;
        let (x, w) = (cx.input(0)?, cx.input(1)?);
        let window = self.resolved(&x.shape, &w.shape)?;
        let (channels, group) = (x.shape[1], self.group);
        if group == 0 || channels != w.shape[1] * group || w.shape[0] % group != 0 {
            return Err(OpError::invalid(format!(
                "{channels} channels and {} filters of {} channels do not fit {group} groups",
                w.shape[0], w.shape[1]
            )));
        }
        if let Some(b) = cx.optional(2) {
            if b.shape != [w.shape[0]] {
                return Err(OpError::invalid(format!("expected a bias of [{}], got {b}", w.shape[0])));
            }
        }
        let mut shape = vec![x.shape[0], w.shape[0]];
        shape.extend(window.output_size(&x.shape[2..])?);
        Ok(vec![TensorType::new(x.dtype, shape)])
    }

    fn evaluate(&self, inputs: &[Option<Tensor>], _outputs: usize) -> Outputs {
        reference::evaluate(self, inputs)
    }

    fn lower(&self, cx: &mut LowerCx<'_>) -> Result<(), OpError> {
        lower::lower(self, cx)
    }
}
