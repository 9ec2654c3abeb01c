//! [NonMaxSuppression](https://onnx.ai/onnx/operators/onnx__NonMaxSuppression.html): the boxes of each class that overlap no
//! better one by more than a threshold.
//!
//! | | shape |
//! |---|---|
//! | boxes | `[batches, boxes, 4]`: `y1 x1 y2 x2` (any two opposite corners), or `x y width height` of centre boxes |
//! | scores | `[batches, classes, boxes]` |
//! | max_output_boxes_per_class | int64, one element; 0 when omitted |
//! | iou_threshold, score_threshold | f32, one element; 0 and none when omitted |
//! | selected_indices | `[selected, 3]` int64: batch, class, box |
//!
//! The number of boxes depends on the data: all inputs must be known.

#[allow(missing_docs, reason = "one function")]
pub mod cases;

mod reference;

use ocelli_tensor::Tensor;
use ocelli_tensor::DType;

use super::numeric::needs_values;

use crate::{InferCx, OpError, Operator, TensorType, operator::Outputs};

/// Attributes of NonMaxSuppression.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NonMaxSuppression {
    /// Whether boxes are centre and size instead of corners.
    pub center_point_box: bool,
}

impl Operator for NonMaxSuppression {
    fn name(&self) -> &'static str {
        "NonMaxSuppression"
    }

    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, OpError> {
        cx.expect_dtype(0, &[DType::F32, DType::F16])?;
        cx.expect_dtype(1, &[DType::F32, DType::F16])?;
        let (boxes, scores) = (cx.input(0)?, cx.input(1)?);
        match (&boxes.shape[..], &scores.shape[..]) {
            ([b, n, 4], [sb, _, sn]) if b == sb && n == sn => {}
            _ => return Err(OpError::invalid(format!("boxes {boxes} do not fit scores {scores}"))),
        }
        Err(needs_values(cx))
    }

    fn evaluate(&self, inputs: &[Option<Tensor>], _outputs: usize) -> Outputs {
        reference::evaluate(self, inputs)
    }
}
