use ocelli_tensor::Tensor;

use super::argmax;
use crate::error::Result;
use crate::geometry::Geometry;
use crate::package::{InputSpec, PoseSpec};
use crate::preprocess;

/// A named point.
#[derive(Clone, Debug, PartialEq)]
pub struct Keypoint {
    /// Index of the keypoint.
    pub index: usize,
    /// Its name.
    pub name: String,
    /// Column in the picture.
    pub x: f32,
    /// Row in the picture.
    pub y: f32,
    /// Height of the peak of its heatmap.
    pub score: f32,
}

/// The keypoints of one body, those that were found, and the lines between them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pose {
    /// The points, by index; low ones are left out.
    pub points: Vec<Keypoint>,
    /// Pairs of indices that a line joins.
    pub skeleton: Vec<[usize; 2]>,
}

/// The peak of each heatmap `1xKxHxW` (or NHWC), in pixels of the picture.
///
/// The peak is moved a quarter of a cell towards the higher neighbour, as the papers do.
pub fn pose(spec: &PoseSpec, input: &InputSpec, output: &Tensor, geometry: &Geometry) -> Result<Pose> {
    let maps = preprocess::decode_planes(output, spec.layout.unwrap_or(input.layout))?;
    let (w, h) = (maps.width(), maps.height());
    let (ux, uy) = (geometry.model.0 as f32 / w as f32, geometry.model.1 as f32 / h as f32);
    let mut points = Vec::new();
    for index in 0..maps.channels() {
        let map = maps.plane(index);
        let Some((at, score)) = argmax(map) else {
            continue;
        };
        if score < spec.score_threshold {
            continue;
        }
        let (px, py) = (at % w, at / w);
        let shift = |before: Option<f32>, after: Option<f32>| match (before, after) {
            (Some(b), Some(a)) if a > b => 0.25,
            (Some(b), Some(a)) if a < b => -0.25,
            _ => 0.0,
        };
        let dx = shift((px > 0).then(|| map[at - 1]), (px + 1 < w).then(|| map[at + 1]));
        let dy = shift((py > 0).then(|| map[at - w]), (py + 1 < h).then(|| map[at + w]));
        let (x, y) = geometry.to_picture((px as f32 + 0.5 + dx) * ux, (py as f32 + 0.5 + dy) * uy);
        points.push(Keypoint {
            index,
            name: spec.joints.get(index).cloned().unwrap_or_else(|| format!("joint {index}")),
            x,
            y,
            score,
        });
    }
    Ok(Pose { points, skeleton: spec.skeleton.clone() })
}
