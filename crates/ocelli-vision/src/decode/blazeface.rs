//! BlazeFace for 128 by 128 pixels: regressors `1x896x16` and score logits `1x896x1`.
//!
//! Anchors are the centres of a 16x16 grid (two each) and an 8x8 grid (six each). A row is centre and size of the box
//! and six landmarks, all in pixels; centre and landmarks are relative to the anchor.

use super::rows::Rows;
use super::{Detection, Outputs, last_dim_is, sigmoid};
use crate::error::Result;
use crate::geometry::{Geometry, Rect};
use crate::package::DetectSpec;

/// Cells along a side and anchors in a cell.
const GRIDS: [(usize, usize); 2] = [(16, 2), (8, 6)];

pub(super) fn decode(spec: &DetectSpec, outputs: &Outputs<'_>, geometry: &Geometry) -> Result<Vec<Detection>> {
    let boxes = outputs.find("regressors 1x896x16", |_, t| last_dim_is(t, 16))?;
    let scores = outputs.find("scores 1x896x1", |_, t| last_dim_is(t, 1))?;
    let boxes = Rows::new("blazeface regressors", boxes, Some(896), 16..=16)?;
    let scores = Rows::new("blazeface scores", scores, Some(896), 1..=1)?;
    let (w, h) = (geometry.model.0 as f32, geometry.model.1 as f32);
    // Offsets are in pixels of the 128-pixel input that the model was trained for.
    let (ux, uy) = (w / 128.0, h / 128.0);
    let anchors = GRIDS.into_iter().flat_map(|(n, each)| {
        (0..n * n * each).map(move |i| {
            let (x, y) = (i / each % n, i / each / n);
            ((x as f32 + 0.5) / n as f32, (y as f32 + 0.5) / n as f32)
        })
    });
    let mut out = Vec::new();
    for ((score, b), (ax, ay)) in scores.iter().zip(boxes.iter()).zip(anchors) {
        let score = sigmoid(score[0].clamp(-100.0, 100.0));
        if score < spec.score_threshold {
            continue;
        }
        let at = |x: f32, y: f32| (x * ux + ax * w, y * uy + ay * h);
        let (cx, cy) = at(b[0], b[1]);
        out.push(Detection {
            score,
            bbox: Rect::centered(cx, cy, b[2] * ux, b[3] * uy),
            keypoints: b[4..].chunks_exact(2).map(|p| at(p[0], p[1])).collect(),
            ..Detection::default()
        });
    }
    Ok(out)
}
