//! Rows of `cx, cy, w, h` in pixels of the model's input, objectness and class probabilities: YOLO with its head in
//! the graph, `1xNx(5 + classes)`. The score is `objectness * class`.

use super::{Detection, Outputs, objects};
use crate::error::Result;
use crate::package::DetectSpec;

pub(super) fn decode(spec: &DetectSpec, outputs: &Outputs<'_>) -> Result<Vec<Detection>> {
    let rows = objects::rows("yolo-decoded output", outputs.at(0)?, None)?;
    let score = |objectness: f32, class: f32| objectness * class;
    Ok(rows.iter().filter_map(|row| objects::detection(spec, row, score, objects::centered)).collect())
}
