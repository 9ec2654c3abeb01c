//! Rows that YOLO-like detectors answer: four numbers of the box, objectness, one probability a class.

use ocelli_tensor::Tensor;

use super::rows::Rows;
use super::{Detection, argmax};
use crate::error::Result;
use crate::geometry::Rect;
use crate::package::DetectSpec;

/// A tensor `1xNx(5 + classes)` with at least one class, of `count` rows when given; `what` names it in errors.
pub(super) fn rows(what: &str, tensor: &Tensor, count: Option<usize>) -> Result<Rows> {
    Rows::new(what, tensor, count, 6..=usize::MAX)
}

/// What a row finds: its likeliest class with `score(objectness, probability)`, at the place that `bbox` makes of the four
/// numbers, in pixels of the model's input. `None` below the threshold of `spec`, and when nothing in the row is a number.
pub(super) fn detection(
    spec: &DetectSpec,
    row: &[f32],
    score: impl Fn(f32, f32) -> f32,
    bbox: impl Fn([f32; 4]) -> Rect,
) -> Option<Detection> {
    let &[a, b, c, d, objectness, ref classes @ ..] = row else { return None };
    let (class, probability) = argmax(classes)?;
    let score = score(objectness, probability);
    (score >= spec.score_threshold).then(|| Detection {
        class,
        score,
        bbox: bbox([a, b, c, d]),
        ..Detection::default()
    })
}

/// The box of a row that gives its centre and size in pixels.
pub(super) fn centered([cx, cy, w, h]: [f32; 4]) -> Rect {
    Rect::centered(cx, cy, w, h)
}
