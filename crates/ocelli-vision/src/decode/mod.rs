//! From the outputs of a model to detections, masks, classes and keypoints, in coordinates of the picture.
//!
//! One file for each family of detectors. Every reader checks the shapes it is given: outputs are untrusted.

mod blazeface;
mod classes;
mod fastestdet;
mod keypoints;
mod masks;
mod mtcnn;
mod nanodet;
mod objects;
mod rows;
mod ultraface;
mod yolo_decoded;
mod yolox;
mod yunet;

use ocelli_tensor::Tensor;

use crate::error::{self, Result};
use crate::geometry::{Geometry, Rect};
use crate::nms;
use crate::package::{Decoder, DetectSpec};

pub use classes::{ClassScore, classes};
pub use keypoints::{Keypoint, Pose, pose};
pub use masks::{Mask, mask};
pub use mtcnn::{MtcnnStage, mtcnn};

/// A thing that was found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Detection {
    /// Index of the class.
    pub class: usize,
    /// Name of the class.
    pub label: String,
    /// Confidence, 0..1.
    pub score: f32,
    /// Where it is, in pixels of the picture.
    pub bbox: Rect,
    /// Landmarks, in pixels of the picture; empty when the model has none.
    pub keypoints: Vec<(f32, f32)>,
}

/// Reads the outputs of a detector, drops low scores and overlaps, and brings boxes back to the picture.
///
/// `outputs` are in the order of the graph, with their names. Errors: a shape that the decoder does not expect.
pub fn detections(spec: &DetectSpec, outputs: &[(String, Tensor)], geometry: &Geometry) -> Result<Vec<Detection>> {
    let outputs = Outputs(outputs);
    let raw = match spec.decoder {
        Decoder::Yolox => yolox::decode(spec, &outputs, geometry)?,
        Decoder::Nanodet => nanodet::decode(spec, &outputs, geometry)?,
        Decoder::Fastestdet => fastestdet::decode(spec, &outputs)?,
        Decoder::Ultraface => ultraface::decode(spec, &outputs, geometry)?,
        Decoder::Yunet => yunet::decode(spec, &outputs, geometry)?,
        Decoder::Blazeface => blazeface::decode(spec, &outputs, geometry)?,
        Decoder::YoloDecoded => yolo_decoded::decode(spec, &outputs)?,
        Decoder::Mtcnn => {
            return Err(error::argument("mtcnn is a cascade of three networks; use decode::mtcnn"));
        }
    };
    Ok(finish(spec, raw, geometry))
}

/// Suppression, then coordinates of the picture and labels.
fn finish(spec: &DetectSpec, raw: Vec<Detection>, geometry: &Geometry) -> Vec<Detection> {
    let mut kept = nms::suppress(raw, spec.iou_threshold, spec.max_detections);
    for d in &mut kept {
        d.bbox = geometry.rect_to_picture(d.bbox);
        for p in &mut d.keypoints {
            *p = geometry.to_picture(p.0, p.1);
        }
        d.label = label(&spec.labels, d.class);
    }
    // What lay in the padding beside the picture is no detection.
    kept.retain(|d| d.bbox.area() > 0.0);
    kept
}

/// The name of class `index`.
pub(crate) fn label(labels: &[String], index: usize) -> String {
    labels.get(index).cloned().unwrap_or_else(|| format!("class {index}"))
}

/// The outputs of a model by name or place.
struct Outputs<'a>(&'a [(String, Tensor)]);

impl Outputs<'_> {
    /// Output number `index`.
    fn at(&self, index: usize) -> Result<&Tensor> {
        self.0
            .get(index)
            .map(|(_, t)| t)
            .ok_or_else(|| error::shape("outputs of the model", format!("at least {}", index + 1), &[self.0.len()]))
    }

    /// The first output, in order, for which `fits` holds.
    fn find(&self, what: &str, fits: impl Fn(&str, &Tensor) -> bool) -> Result<&Tensor> {
        self.0.iter().find(|(name, t)| fits(name, t)).map(|(_, t)| t).ok_or_else(|| {
            let got: Vec<String> =
                self.0.iter().map(|(name, t)| format!("{name} {}", ocelli_tensor::format_shape(t.shape()))).collect();
            crate::VisionError::Shape {
                what: "outputs of the model".to_owned(),
                expected: what.to_owned(),
                got: got.join(", "),
            }
        })
    }
}

/// Whether the last dimension of `t` is `n`.
fn last_dim_is(t: &Tensor, n: usize) -> bool {
    t.shape().last() == Some(&n)
}

fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + (-x).exp())
}

/// The index and value of the largest number; NaN never wins. `None` when nothing is a number.
fn argmax(values: &[f32]) -> Option<(usize, f32)> {
    let mut best: Option<(usize, f32)> = None;
    for (i, &v) in values.iter().enumerate() {
        if !v.is_nan() && best.is_none_or(|(_, b)| v > b) {
            best = Some((i, v));
        }
    }
    best
}

#[cfg(test)]
mod tests;
