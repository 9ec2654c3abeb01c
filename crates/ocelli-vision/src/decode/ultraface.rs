//! UltraFace: scores `1xNx2` (background, face) and boxes `1xNx4`.
//!
//! Boxes are corners as fractions of the input or, for exports without post-processing, offsets from SSD priors:
//! `centre = prior + 0.1 * offset * prior size`, `size = exp(0.2 * offset) * prior size`.

use super::rows::Rows;
use super::{Detection, Outputs, last_dim_is};
use crate::error::Result;
use crate::geometry::{Geometry, Rect};
use crate::package::{BoxCode, DetectSpec};

/// Stride and box sizes in pixels of each grid.
const GRIDS: [(usize, &[f32]); 4] =
    [(8, &[10.0, 16.0, 24.0]), (16, &[32.0, 48.0]), (32, &[64.0, 96.0]), (64, &[128.0, 192.0, 256.0])];

pub(super) fn decode(spec: &DetectSpec, outputs: &Outputs<'_>, geometry: &Geometry) -> Result<Vec<Detection>> {
    let scores = outputs.find("scores 1xNx2", |_, t| last_dim_is(t, 2))?;
    let boxes = outputs.find("boxes 1xNx4", |_, t| last_dim_is(t, 4))?;
    let (w, h) = (geometry.model.0 as f32, geometry.model.1 as f32);
    let priors = match spec.boxes {
        BoxCode::Corners => Vec::new(),
        BoxCode::Priors => priors(geometry.model),
    };
    let count = match spec.boxes {
        BoxCode::Corners => boxes.len() / 4,
        BoxCode::Priors => priors.len(),
    };
    let scores = Rows::new("ultraface scores", scores, Some(count), 2..=2)?;
    let boxes = Rows::new("ultraface boxes", boxes, Some(count), 4..=4)?;
    let mut out = Vec::new();
    for (i, (score, b)) in scores.iter().zip(boxes.iter()).enumerate() {
        let score = score[1];
        if score < spec.score_threshold {
            continue;
        }
        let bbox = match priors.get(i) {
            None => Rect::new(b[0] * w, b[1] * h, b[2] * w, b[3] * h),
            Some(p) => Rect::centered(
                p[0] + b[0] * 0.1 * p[2],
                p[1] + b[1] * 0.1 * p[3],
                (b[2] * 0.2).exp() * p[2],
                (b[3] * 0.2).exp() * p[3],
            ),
        };
        out.push(Detection { score, bbox, ..Detection::default() });
    }
    Ok(out)
}

/// Centre and size in pixels of every prior, clamped to the input as in training.
fn priors((width, height): (usize, usize)) -> Vec<[f32; 4]> {
    let (w, h) = (width as f32, height as f32);
    let mut out = Vec::new();
    for (stride, sizes) in GRIDS {
        let (columns, rows) = (width.div_ceil(stride), height.div_ceil(stride));
        let (sx, sy) = (stride as f32, stride as f32);
        for y in 0..rows {
            for x in 0..columns {
                let centre = ((x as f32 + 0.5) * sx, (y as f32 + 0.5) * sy);
                out.extend(sizes.iter().map(|&size| [centre.0.min(w), centre.1.min(h), size.min(w), size.min(h)]));
            }
        }
    }
    out
}
