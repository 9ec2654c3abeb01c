//! YOLOX: one row for each cell of the grids of all strides, `x, y, w, h, objectness, classes...`.
//!
//! The centre is `(x + column) * stride`, the size `exp(w) * stride`; objectness and classes are probabilities and
//! their product is the score.

use super::rows::{cell_count, cells};
use super::{Detection, Outputs, objects};
use crate::error::Result;
use crate::geometry::{Geometry, Rect};
use crate::package::DetectSpec;

pub(super) fn decode(spec: &DetectSpec, outputs: &Outputs<'_>, geometry: &Geometry) -> Result<Vec<Detection>> {
    let count = spec.strides.iter().map(|&s| cell_count(s, geometry.model)).sum();
    let rows = objects::rows("yolox output", outputs.at(0)?, Some(count))?;
    let score = |objectness: f32, class: f32| objectness * class;
    let found = rows.iter().zip(cells(&spec.strides, geometry.model)).filter_map(|(row, (column, line, stride))| {
        objects::detection(spec, row, score, |[x, y, w, h]| {
            Rect::centered((x + column) * stride, (y + line) * stride, w.exp() * stride, h.exp() * stride)
        })
    });
    Ok(found.collect())
}
