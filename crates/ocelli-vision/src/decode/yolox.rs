//! YOLOX: one row for each cell of the grids of all strides, `x, y, w, h, objectness, classes...`.
//!
//! The centre is `(x + column) * stride`, the size `exp(w) * stride`; objectness and classes are probabilities and
//! their product is the score.

use super::rows::{Rows, cell_count, cells};
use super::{Detection, Outputs, argmax};
use crate::error::Result;
use crate::geometry::{Geometry, Rect};
use crate::package::DetectSpec;

pub(super) fn decode(spec: &DetectSpec, outputs: &Outputs<'_>, geometry: &Geometry) -> Result<Vec<Detection>> {
    let count = spec.strides.iter().map(|&s| cell_count(s, geometry.model)).sum();
    let rows = Rows::new("yolox output", outputs.at(0)?, Some(count), 6..=usize::MAX)?;
    let mut out = Vec::new();
    for (row, (column, line, stride)) in rows.iter().zip(cells(&spec.strides, geometry.model)) {
        let Some((class, probability)) = argmax(&row[5..]) else {
            continue;
        };
        let score = row[4] * probability;
        if score >= spec.score_threshold {
            out.push(Detection {
                class,
                score,
                bbox: Rect::centered(
                    (row[0] + column) * stride,
                    (row[1] + line) * stride,
                    row[2].exp() * stride,
                    row[3].exp() * stride,
                ),
                ..Detection::default()
            });
        }
    }
    Ok(out)
}
