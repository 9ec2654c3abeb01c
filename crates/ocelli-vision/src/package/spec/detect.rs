use std::path::PathBuf;

use serde::Deserialize;

/// How the outputs of a detector are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Decoder {
    /// YOLOX: grid-relative boxes, objectness and classes as probabilities.
    Yolox,
    /// NanoDet: class probabilities and box distributions for each stride.
    Nanodet,
    /// FastestDet: boxes in pixels, objectness and classes weighted 0.6 to 0.4.
    Fastestdet,
    /// UltraFace: background and face scores, boxes.
    Ultraface,
    /// YuNet: four outputs for each stride, five landmarks.
    Yunet,
    /// MediaPipe BlazeFace of 128 pixels: 896 anchors, six landmarks.
    Blazeface,
    /// MTCNN: three networks in a row, five landmarks.
    Mtcnn,
    /// Rows of centre, size, objectness and class probabilities, in pixels of the input.
    YoloDecoded,
}

/// How the boxes of UltraFace are coded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BoxCode {
    /// Corners as fractions of the picture.
    #[default]
    Corners,
    /// Offsets from SSD priors.
    Priors,
}

/// A later network of a cascade.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stage {
    /// The model file, relative to the package's folder.
    pub file: PathBuf,
    /// SHA-256 of the file; empty when unknown, and then not checked.
    #[serde(default)]
    pub sha256: String,
}

/// How detections are read: `[detect]`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DetectSpec {
    /// The family of the detector.
    pub decoder: Decoder,
    /// Detections below this score are dropped.
    #[serde(default = "score_threshold")]
    pub score_threshold: f32,
    /// Of two boxes of one class that overlap more than this, the lower scored is dropped.
    #[serde(default = "iou_threshold")]
    pub iou_threshold: f32,
    /// At most this many detections, the best ones.
    #[serde(default = "max_detections")]
    pub max_detections: usize,
    /// Class names by index; empty: `class 0`, `class 1`, ...
    #[serde(default)]
    pub labels: Vec<String>,
    /// A file with one class name a line, inside the package's folder.
    pub labels_file: Option<PathBuf>,
    /// Strides of the grids of `yolox`, `nanodet` and `yunet`.
    #[serde(default = "strides")]
    pub strides: Vec<usize>,
    /// How `ultraface` codes boxes.
    #[serde(default)]
    pub boxes: BoxCode,
    /// Smallest face that `mtcnn` looks for, in pixels.
    #[serde(default = "min_face_px")]
    pub min_face_px: f32,
    /// The later networks of `mtcnn`.
    #[serde(default)]
    pub stages: Vec<Stage>,
}

fn score_threshold() -> f32 {
    0.35
}
fn iou_threshold() -> f32 {
    0.45
}
fn max_detections() -> usize {
    300
}
fn strides() -> Vec<usize> {
    vec![8, 16, 32]
}
fn min_face_px() -> f32 {
    20.0
}

impl DetectSpec {
    /// The defaults with `decoder`.
    pub fn new(decoder: Decoder) -> DetectSpec {
        DetectSpec {
            decoder,
            score_threshold: score_threshold(),
            iou_threshold: iou_threshold(),
            max_detections: max_detections(),
            labels: Vec::new(),
            labels_file: None,
            strides: strides(),
            boxes: BoxCode::default(),
            min_face_px: min_face_px(),
            stages: Vec::new(),
        }
    }
}
