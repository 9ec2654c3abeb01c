//! [RoiAlign](https://onnx.ai/onnx/operators/onnx__RoiAlign.html): pools each bin of each region from samples that are
//! interpolated between pixels.
//!
//! | | shape |
//! |---|---|
//! | X | `[N, C, H, W]` |
//! | rois | `[R, 4]`: x1, y1, x2, y2 |
//! | batch_indices | `[R]` int64 |
//! | Y | `[R, C, output_height, output_width]` |
//!
//! A sample more than one pixel outside of X is zero. `max` takes the largest of the weighted corners of all samples,
//! as the standard's test data has it.

#[allow(missing_docs, reason = "one function")]
pub mod cases;
mod lower;
mod reference;

use ocelli_tensor::{DType, Tensor};

use super::window::bounded;
use crate::plan::LowerCx;
use crate::{InferCx, OpError, Operator, TensorType, operator::Outputs};

/// How the samples of a bin are pooled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RoiMode {
    /// Their mean.
    #[default]
    Avg,
    /// The largest weighted corner.
    Max,
}

/// Attributes of RoiAlign.
#[derive(Clone, Debug, PartialEq)]
pub struct RoiAlign {
    /// How samples are pooled.
    pub mode: RoiMode,
    /// `coordinate_transformation_mode` is `half_pixel`: coordinates shift by half a pixel, and regions may be smaller
    /// than one.
    pub half_pixel: bool,
    /// Height of the result.
    pub output_height: usize,
    /// Width of the result.
    pub output_width: usize,
    /// Samples along each dimension of a bin; 0 for as many as the bin has pixels.
    pub sampling_ratio: usize,
    /// From coordinates of a region to pixels of X.
    pub spatial_scale: f32,
}

/// Most samples along one dimension of a bin.
const MAX_SAMPLES: usize = 4096;

impl Operator for RoiAlign {
    fn name(&self) -> &'static str {
        "RoiAlign"
    }

    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, OpError> {
        cx.expect_dtype(0, &[DType::F32, DType::F16, DType::BF16, DType::F64])?;
        let (x, rois, batch) = (cx.input(0)?, cx.input(1)?, cx.input(2)?);
        let fits = x.rank() == 4 && rois.rank() == 2 && rois.shape[1] == 4 && batch.shape == rois.shape[..1];
        if !fits || self.output_height == 0 || self.output_width == 0 || self.sampling_ratio > MAX_SAMPLES {
            return Err(OpError::invalid(format!(
                "expected X of rank 4, rois of [R, 4] and batch_indices of [R], got {x}, {rois} and {batch}; \
                 output {}x{}, sampling_ratio {}",
                self.output_height, self.output_width, self.sampling_ratio
            )));
        }
        let shape = vec![rois.shape[0], x.shape[1], self.output_height, self.output_width];
        Ok(vec![bounded(x.dtype, shape)?])
    }

    fn evaluate(&self, inputs: &[Option<Tensor>], _outputs: usize) -> Outputs {
        reference::evaluate(self, inputs)
    }

    fn lower(&self, cx: &mut LowerCx<'_>) -> Result<(), OpError> {
        lower::lower(self, cx)
    }
}
