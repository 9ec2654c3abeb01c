//! MTCNN (Zhang et al. 2016): a small net proposes faces on a pyramid of sizes, a second refines and rejects, a third
//! decides and finds five landmarks.
//!
//! Channel order of the offsets is left, top, right, bottom, as fractions of the box. The first net sees 12x12 pixels
//! at a stride of 2.

use ocelli_tensor::Tensor;

use super::{Detection, label};
use crate::error::{self, Result, VisionError};
use crate::geometry::{Geometry, Rect};
use crate::image::Image;
use crate::nms;
use crate::package::{DetectSpec, InputSpec, Layout};
use crate::planes::Planes;
use crate::preprocess;
use crate::resample::{self, Filter};

/// Which of the three networks is to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MtcnnStage {
    /// Input `1x3xHxW`, outputs offsets `1x4xhxw` and probabilities `1x2xhxw`.
    Propose,
    /// Input `Nx3x24x24`, outputs offsets `Nx4` and probabilities `Nx2`.
    Refine,
    /// Input `Nx3x48x48`, outputs offsets `Nx4`, landmarks `Nx10` and probabilities `Nx2`.
    Decide,
}

impl MtcnnStage {
    /// Place of the network among [`crate::Package::stage_paths`].
    pub fn index(self) -> usize {
        match self {
            MtcnnStage::Propose => 0,
            MtcnnStage::Refine => 1,
            MtcnnStage::Decide => 2,
        }
    }
}

const CELL_PX: f32 = 12.0;
const STRIDE_PX: f32 = 2.0;
/// Ratio of one size of the pyramid to the one before: the square root of one half.
const PYRAMID_FACTOR: f64 = 0.709;
const PROPOSE_SCORE: f32 = 0.6;
/// Boxes that the second net is given at most.
const MAX_PROPOSALS: usize = 4096;
/// Faces that a net is given at once, at most.
const BATCH: usize = 32;

/// Finds faces. `run` is called many times with the input of a stage and returns the outputs of that network, in the
/// order of its graph; offsets, landmarks and probabilities are told apart by their shapes.
pub fn mtcnn<E: From<VisionError>>(
    image: &Image,
    input: &InputSpec,
    spec: &DetectSpec,
    mut run: impl FnMut(MtcnnStage, Tensor) -> Result<Vec<(String, Tensor)>, E>,
) -> Result<Vec<Detection>, E> {
    if input.layout != Layout::Nchw {
        return Err(error::argument("mtcnn: only layout = \"nchw\" is known").into());
    }
    let planes = preprocess::model_planes(image, input.color);
    let mut found = Vec::new();
    for (w, h) in pyramid(planes.width(), planes.height(), spec.min_face_px) {
        let small = resample::resize(&planes, w, h, Filter::Bilinear, true)?;
        let scale = (w as f32 / planes.width() as f32, h as f32 / planes.height() as f32);
        let tensor = preprocess::encode(small, input)?;
        let outputs = run(MtcnnStage::Propose, tensor)?;
        found.extend(nms::suppress(proposals(&outputs, scale)?, 0.5, MAX_PROPOSALS));
    }
    let found = nms::suppress(found, 0.7, MAX_PROPOSALS);
    let found: Vec<Rect> = found.iter().map(|d| square(d.bbox)).collect();

    let mut refined = Vec::new();
    for (bbox, row) in run_faces(&planes, input, &found, MtcnnStage::Refine, &mut run)? {
        if row.score >= spec.score_threshold {
            refined.push(detection(shifted(bbox, row.offsets), row.score));
        }
    }
    let refined = nms::suppress(refined, 0.7, MAX_PROPOSALS);
    let refined: Vec<Rect> = refined.iter().map(|d| square(d.bbox)).collect();

    let mut faces = Vec::new();
    for (bbox, row) in run_faces(&planes, input, &refined, MtcnnStage::Decide, &mut run)? {
        if row.score >= spec.score_threshold {
            let mut face = detection(shifted(bbox, row.offsets), row.score);
            // Five columns, then five rows, as fractions of the box that was looked at.
            face.keypoints = (0..row.landmarks.len() / 2)
                .map(|i| {
                    let (fx, fy) = (row.landmarks[i], row.landmarks[i + row.landmarks.len() / 2]);
                    (bbox.x0 + fx * bbox.width(), bbox.y0 + fy * bbox.height())
                })
                .collect();
            faces.push(face);
        }
    }
    let mut faces = nms::suppress(faces, spec.iou_threshold, spec.max_detections);
    let geometry = Geometry::identity(planes.width(), planes.height());
    for face in &mut faces {
        face.bbox = geometry.rect_to_picture(face.bbox);
        face.label = label(&spec.labels, face.class);
    }
    faces.retain(|f| f.bbox.area() > 0.0);
    Ok(faces)
}

fn detection(bbox: Rect, score: f32) -> Detection {
    Detection { score, bbox, ..Detection::default() }
}

/// Sizes of the picture at which a face of 12 pixels is between `min_face_px` and the whole picture.
fn pyramid(width: usize, height: usize, min_face_px: f32) -> Vec<(usize, usize)> {
    let mut scale = f64::from(CELL_PX) / f64::from(min_face_px.max(CELL_PX));
    let mut out = Vec::new();
    while width.min(height) as f64 * scale >= f64::from(CELL_PX) {
        let size = |n: usize| (n as f64 * scale).ceil() as usize;
        out.push((size(width), size(height)));
        scale *= PYRAMID_FACTOR;
    }
    out
}

/// The cells of the first net that may be faces, moved by their offsets, in pixels of the picture.
fn proposals(outputs: &[(String, Tensor)], scale: (f32, f32)) -> Result<Vec<Detection>> {
    let planes = |channels: usize| -> Result<Planes> {
        let found = outputs.iter().find(|(_, t)| t.rank() == 4 && t.shape()[0] == 1 && t.shape()[1] == channels);
        let (_, tensor) = found.ok_or_else(|| VisionError::Shape {
            what: "outputs of the first mtcnn network".to_owned(),
            expected: format!("one of 1x{channels}xHxW"),
            got: shapes(outputs),
        })?;
        Planes::from_tensor(tensor)
    };
    let (offsets, scores) = (planes(4)?, planes(2)?);
    if (offsets.width(), offsets.height()) != (scores.width(), scores.height()) {
        return Err(VisionError::Shape {
            what: "outputs of the first mtcnn network".to_owned(),
            expected: "offsets and probabilities of one size".to_owned(),
            got: shapes(outputs),
        });
    }
    let mut out = Vec::new();
    for (i, &score) in scores.plane(1).iter().enumerate() {
        if score < PROPOSE_SCORE || score.is_nan() {
            continue;
        }
        let (x, y) = ((i % scores.width()) as f32, (i / scores.width()) as f32);
        let cell = Rect::new(
            x * STRIDE_PX / scale.0,
            y * STRIDE_PX / scale.1,
            (x * STRIDE_PX + CELL_PX) / scale.0,
            (y * STRIDE_PX + CELL_PX) / scale.1,
        );
        let offset = |c: usize| offsets.plane(c)[i];
        out.push(detection(shifted(cell, [offset(0), offset(1), offset(2), offset(3)]), score));
    }
    Ok(out)
}

fn shapes(outputs: &[(String, Tensor)]) -> String {
    let all: Vec<String> =
        outputs.iter().map(|(name, t)| format!("{name} {}", ocelli_tensor::format_shape(t.shape()))).collect();
    all.join(", ")
}

/// A box whose sides are moved by fractions of its size.
fn shifted(b: Rect, offsets: [f32; 4]) -> Rect {
    let (w, h) = (b.width(), b.height());
    Rect::new(b.x0 + offsets[0] * w, b.y0 + offsets[1] * h, b.x1 + offsets[2] * w, b.y1 + offsets[3] * h)
}

/// The square about the same centre that covers the longer side.
fn square(b: Rect) -> Rect {
    let side = b.width().max(b.height());
    Rect::centered(b.x0.midpoint(b.x1), b.y0.midpoint(b.y1), side, side)
}

/// What the second and third nets say of a box.
struct Row {
    score: f32,
    offsets: [f32; 4],
    landmarks: Vec<f32>,
}

/// Cuts out every box, runs it through a net, and pairs the boxes with the answers.
fn run_faces<E: From<VisionError>>(
    planes: &Planes,
    input: &InputSpec,
    boxes: &[Rect],
    stage: MtcnnStage,
    run: &mut dyn FnMut(MtcnnStage, Tensor) -> Result<Vec<(String, Tensor)>, E>,
) -> Result<Vec<(Rect, Row)>, E> {
    let side = if stage == MtcnnStage::Refine { 24 } else { 48 };
    let mut out = Vec::new();
    for chunk in boxes.chunks(BATCH) {
        // A few batch sizes only, so that a planned network is used again.
        let batch = chunk.len().next_power_of_two();
        let mut data = Vec::with_capacity(batch * 3 * side * side);
        for bbox in chunk {
            let face = preprocess::encode(face(planes, *bbox, side)?, input)?;
            data.extend(face.to_f32s());
        }
        let channels = planes.channels();
        data.resize(batch * channels * side * side, 0.0);
        let tensor = Tensor::from_vec(&[batch, channels, side, side], data).map_err(VisionError::from)?;
        let outputs = run(stage, tensor)?;
        let rows = |width: usize| -> Result<Vec<f32>> {
            let found = outputs.iter().find(|(_, t)| t.shape() == [batch, width]);
            let (_, tensor) = found.ok_or_else(|| VisionError::Shape {
                what: format!("outputs of the mtcnn network for {side}x{side}"),
                expected: format!("one of {batch}x{width}"),
                got: shapes(&outputs),
            })?;
            Ok(tensor.to_f32s())
        };
        let (offsets, scores) = (rows(4)?, rows(2)?);
        let landmarks = match stage {
            MtcnnStage::Decide => rows(10)?,
            MtcnnStage::Propose | MtcnnStage::Refine => Vec::new(),
        };
        for (i, bbox) in chunk.iter().enumerate() {
            let o = &offsets[4 * i..4 * i + 4];
            let row = Row {
                score: scores[2 * i + 1],
                offsets: [o[0], o[1], o[2], o[3]],
                landmarks: landmarks.get(10 * i..10 * i + 10).unwrap_or(&[]).to_vec(),
            };
            out.push((*bbox, row));
        }
    }
    Ok(out)
}

/// The part of the picture under `bbox`, as far as there is one, resized to a square.
fn face(planes: &Planes, bbox: Rect, side: usize) -> Result<Planes> {
    let span = |from: f32, to: f32, all: usize| {
        let from = (from.round().max(0.0) as usize).min(all - 1);
        (from, (to.round().max(0.0) as usize).clamp(from + 1, all))
    };
    let (x0, x1) = span(bbox.x0, bbox.x1, planes.width());
    let (y0, y1) = span(bbox.y0, bbox.y1, planes.height());
    let part = planes.crop(x0, y0, x1 - x0, y1 - y0)?;
    resample::resize(&part, side, side, Filter::Bilinear, true)
}

#[cfg(test)]
#[path = "mtcnn_tests.rs"]
mod tests;
