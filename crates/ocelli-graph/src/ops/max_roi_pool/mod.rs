//! [MaxRoiPool](https://onnx.ai/onnx/operators/onnx__MaxRoiPool.html): the largest element of each bin of each region,
//! with bins on whole pixels.
//!
//! | | shape |
//! |---|---|
//! | X | `[N, C, H, W]` |
//! | rois | `[R, 5]`: batch index, x1, y1, x2, y2 |
//! | Y | `[R, C, pooled height, pooled width]` |
//!
//! Corners are scaled and rounded (halves away from zero); both belong to the region. An empty bin gives zero.

#[allow(missing_docs, reason = "one function")]
pub mod cases;
mod lower;
mod reference;

use ocelli_tensor::{DType, Tensor};

use super::window::bounded;
use crate::plan::LowerCx;
use crate::{InferCx, OpError, Operator, TensorType, operator::Outputs};

/// Attributes of MaxRoiPool.
#[derive(Clone, Debug, PartialEq)]
pub struct MaxRoiPool {
    /// Height and width of the result.
    pub pooled_shape: [usize; 2],
    /// From coordinates of a region to pixels of X.
    pub spatial_scale: f32,
}

impl Operator for MaxRoiPool {
    fn name(&self) -> &'static str {
        "MaxRoiPool"
    }

    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, OpError> {
        cx.expect_dtype(0, &[DType::F32, DType::F16, DType::BF16, DType::F64])?;
        let (x, rois) = (cx.input(0)?, cx.input(1)?);
        let [height, width] = self.pooled_shape;
        if x.rank() != 4 || rois.rank() != 2 || rois.shape[1] != 5 || height == 0 || width == 0 {
            return Err(OpError::invalid(format!(
                "expected X of rank 4, rois of [R, 5] and a positive pooled_shape, got {x}, {rois} and {height}x{width}"
            )));
        }
        Ok(vec![bounded(x.dtype, vec![rois.shape[0], x.shape[1], height, width])?])
    }

    fn evaluate(&self, inputs: &[Option<Tensor>], _outputs: usize) -> Outputs {
        reference::evaluate(self, inputs)
    }

    fn lower(&self, cx: &mut LowerCx<'_>) -> Result<(), OpError> {
        lower::lower(self, cx)
    }
}
