//! YuNet: for each stride `cls` and `obj` (`1xNx1`, probabilities), `bbox` (`1xNx4`) and `kps` (`1xNx10`).
//!
//! The score is `sqrt(cls * obj)`; the centre `(column + dx) * stride`, the size `exp(w) * stride`, each landmark
//! `(column + kx, row + ky) * stride`. Outputs are found by the names `cls_8`, `obj_8`, `bbox_8`, `kps_8`, ...

use super::rows::{Rows, cell_count, cells};
use super::{Detection, Outputs};
use crate::error::Result;
use crate::geometry::{Geometry, Rect};
use crate::package::DetectSpec;

pub(super) fn decode(spec: &DetectSpec, outputs: &Outputs<'_>, geometry: &Geometry) -> Result<Vec<Detection>> {
    let mut out = Vec::new();
    for &stride in &spec.strides {
        let count = cell_count(stride, geometry.model);
        let rows = |name: &str, width: usize| {
            let name = format!("{name}_{stride}");
            let tensor = outputs.find(&name, |n, _| n == name)?;
            Rows::new(&name, tensor, Some(count), width..=width)
        };
        let (cls, obj) = (rows("cls", 1)?, rows("obj", 1)?);
        let (bbox, kps) = (rows("bbox", 4)?, rows("kps", 10)?);
        let grid = cells(std::slice::from_ref(&stride), geometry.model);
        let values = cls.iter().zip(obj.iter()).zip(bbox.iter().zip(kps.iter()));
        for (((cls, obj), (b, k)), (column, line, s)) in values.zip(grid) {
            let score = (cls[0].clamp(0.0, 1.0) * obj[0].clamp(0.0, 1.0)).sqrt();
            if score < spec.score_threshold {
                continue;
            }
            out.push(Detection {
                score,
                bbox: Rect::centered((column + b[0]) * s, (line + b[1]) * s, b[2].exp() * s, b[3].exp() * s),
                keypoints: k.chunks_exact(2).map(|p| ((column + p[0]) * s, (line + p[1]) * s)).collect(),
                ..Detection::default()
            });
        }
    }
    Ok(out)
}
