//! NanoDet: for each stride class probabilities `1xNxC` and box distributions `1xNx4(R+1)`.
//!
//! The distance from the cell's centre to each side (left, top, right, bottom) is the mean of the softmax over the
//! bins `0..=R`, times the stride. The centre of a cell is `(column + 0.5) * stride`.

use super::rows::{Rows, cell_count, cells};
use super::{Detection, Outputs, argmax, last_dim_is};
use crate::error::Result;
use crate::geometry::{Geometry, Rect};
use crate::package::DetectSpec;

/// Bins of a distance: 0 to 7 strides.
const BINS: usize = 8;

pub(super) fn decode(spec: &DetectSpec, outputs: &Outputs<'_>, geometry: &Geometry) -> Result<Vec<Detection>> {
    let mut out = Vec::new();
    for &stride in &spec.strides {
        let count = cell_count(stride, geometry.model);
        let of_stride = |t: &ocelli_tensor::Tensor| t.rank() >= 2 && t.shape().get(t.rank() - 2) == Some(&count);
        let boxes =
            outputs.find(&format!("boxes 1x{count}x{}", 4 * BINS), |_, t| of_stride(t) && last_dim_is(t, 4 * BINS))?;
        let classes =
            outputs.find(&format!("classes 1x{count}xC"), |_, t| of_stride(t) && !last_dim_is(t, 4 * BINS))?;
        let boxes = Rows::new("nanodet boxes", boxes, Some(count), 4 * BINS..=4 * BINS)?;
        let classes = Rows::new("nanodet classes", classes, Some(count), 1..=usize::MAX)?;
        let grid = cells(std::slice::from_ref(&stride), geometry.model);
        for ((row, sides), (column, line, stride)) in classes.iter().zip(boxes.iter()).zip(grid) {
            let Some((class, score)) = argmax(row) else {
                continue;
            };
            if score < spec.score_threshold {
                continue;
            }
            let side = |i: usize| expectation(&sides[i * BINS..(i + 1) * BINS]) * stride;
            let (cx, cy) = ((column + 0.5) * stride, (line + 0.5) * stride);
            let (w, h) = (geometry.model.0 as f32, geometry.model.1 as f32);
            out.push(Detection {
                class,
                score,
                bbox: Rect::new(
                    (cx - side(0)).clamp(0.0, w),
                    (cy - side(1)).clamp(0.0, h),
                    (cx + side(2)).clamp(0.0, w),
                    (cy + side(3)).clamp(0.0, h),
                ),
                ..Detection::default()
            });
        }
    }
    Ok(out)
}

/// `sum i softmax(logits)_i`.
fn expectation(logits: &[f32]) -> f32 {
    let top = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let (mut sum, mut mean) = (0.0, 0.0);
    for (i, v) in logits.iter().enumerate() {
        let e = (v - top).exp();
        sum += e;
        mean += i as f32 * e;
    }
    mean / sum
}
