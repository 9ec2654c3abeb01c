//! Channels to blocks of pixels and back: [DepthToSpace](https://onnx.ai/onnx/operators/onnx__DepthToSpace.html)
//! (pixel shuffle), [SpaceToDepth](https://onnx.ai/onnx/operators/onnx__SpaceToDepth.html).
//!
//! With block size `b`, pixel `(y, x)` of output channel `c` comes from pixel `(y / b, x / b)` of input channel
//! `(y % b * b + x % b) * C' + c` (DCR) or `c * b * b + y % b * b + x % b` (CRD). SpaceToDepth undoes DCR.
//!
//! | kind | input | output |
//! |---|---|---|
//! | DepthToSpace | `[N, C, H, W]` | `[N, C / b^2, H * b, W * b]` |
//! | SpaceToDepth | `[N, C, H, W]` | `[N, C * b^2, H / b, W / b]` |

#[allow(missing_docs, reason = "one function")]
pub mod cases;
mod lower;
mod reference;

use ocelli_tensor::Tensor;

use super::bounds::bounded;
use crate::plan::LowerCx;
use crate::{InferCx, OpError, Operator, TensorType, operator::Outputs};

/// Which operator and order of channels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DepthSpaceKind {
    /// DepthToSpace, the pixel of the block outside of the channel.
    Dcr,
    /// DepthToSpace, the channel outside of the pixel of the block, as PyTorch's PixelShuffle.
    Crd,
    /// SpaceToDepth.
    SpaceToDepth,
}

/// Blocks of pixels to channels or back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DepthToSpace {
    /// Which operator.
    pub kind: DepthSpaceKind,
    /// Side of a block.
    pub blocksize: usize,
}

impl Operator for DepthToSpace {
    fn name(&self) -> &'static str {
        match self.kind {
            DepthSpaceKind::Dcr | DepthSpaceKind::Crd => "DepthToSpace",
            DepthSpaceKind::SpaceToDepth => "SpaceToDepth",
        }
    }

    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, OpError> {
        let x = cx.input(0)?;
        let b = self.blocksize;
        let area = b.checked_mul(b).filter(|&a| a > 0);
        let (&[n, c, h, w], Some(area)) = (&x.shape[..], area) else {
            return Err(OpError::invalid(format!("expected [N, C, H, W] and a positive block size, got {x} and {b}")));
        };
        let fail = |what: &str| Err(OpError::invalid(format!("{what} of {x} is no multiple of block size {b}")));
        let shape = match self.kind {
            DepthSpaceKind::Dcr | DepthSpaceKind::Crd if c % area != 0 => return fail("C / block size"),
            DepthSpaceKind::Dcr | DepthSpaceKind::Crd => [n, c / area, h.saturating_mul(b), w.saturating_mul(b)],
            DepthSpaceKind::SpaceToDepth if h % b != 0 || w % b != 0 => return fail("H or W"),
            DepthSpaceKind::SpaceToDepth => [n, c.saturating_mul(area), h / b, w / b],
        };
        Ok(vec![bounded(x.dtype, shape)?])
    }

    fn evaluate(&self, inputs: &[Option<Tensor>], _outputs: usize) -> Outputs {
        reference::evaluate(self, inputs)
    }

    fn lower(&self, cx: &mut LowerCx<'_>) -> Result<(), OpError> {
        lower::lower(self, cx)
    }
}
