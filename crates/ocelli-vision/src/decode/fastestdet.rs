//! FastestDet with its head in the graph: rows of `cx, cy, w, h` in pixels of the input, objectness, classes.
//!
//! Objectness and classes are probabilities; the score is `objectness^0.6 * class^0.4`.

use super::rows::Rows;
use super::{Detection, Outputs, argmax};
use crate::error::Result;
use crate::geometry::Rect;
use crate::package::DetectSpec;

pub(super) fn decode(spec: &DetectSpec, outputs: &Outputs<'_>) -> Result<Vec<Detection>> {
    let rows = Rows::new("fastestdet output", outputs.at(0)?, None, 6..=usize::MAX)?;
    let mut out = Vec::new();
    for row in rows.iter() {
        let Some((class, probability)) = argmax(&row[5..]) else {
            continue;
        };
        let score = row[4].powf(0.6) * probability.powf(0.4);
        if score >= spec.score_threshold {
            out.push(Detection {
                class,
                score,
                bbox: Rect::centered(row[0], row[1], row[2], row[3]),
                ..Detection::default()
            });
        }
    }
    Ok(out)
}
