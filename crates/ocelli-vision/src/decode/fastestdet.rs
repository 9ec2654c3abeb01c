//! FastestDet with its head in the graph: rows of `cx, cy, w, h` in pixels of the input, objectness, classes.
//!
//! Objectness and classes are probabilities; the score is `objectness^0.6 * class^0.4`.

use super::{Detection, Outputs, objects};
use crate::error::Result;
use crate::package::DetectSpec;

pub(super) fn decode(spec: &DetectSpec, outputs: &Outputs<'_>) -> Result<Vec<Detection>> {
    let rows = objects::rows("fastestdet output", outputs.at(0)?, None)?;
    let score = |objectness: f32, class: f32| objectness.powf(0.6) * class.powf(0.4);
    Ok(rows.iter().filter_map(|row| objects::detection(spec, row, score, objects::centered)).collect())
}
