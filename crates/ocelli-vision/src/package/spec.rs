use std::path::PathBuf;

use serde::Deserialize;

use crate::resample::Filter;

/// What a model does, by the command line's verbs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Task {
    /// Picture to larger picture.
    Upscale,
    /// Picture to picture without noise.
    Denoise,
    /// Picture to better picture (low light, retouching).
    Enhance,
    /// Picture to boxes.
    Detect,
    /// Picture to mask.
    Segment,
    /// Picture to class scores.
    Classify,
    /// Picture to picture in another style.
    Style,
    /// Picture to keypoints.
    Pose,
}

impl Task {
    /// Whether the model answers with a picture.
    pub fn is_picture(self) -> bool {
        matches!(self, Task::Upscale | Task::Denoise | Task::Enhance | Task::Style)
    }

    /// The name in `model.toml`.
    pub fn name(self) -> &'static str {
        match self {
            Task::Upscale => "upscale",
            Task::Denoise => "denoise",
            Task::Enhance => "enhance",
            Task::Detect => "detect",
            Task::Segment => "segment",
            Task::Classify => "classify",
            Task::Style => "style",
            Task::Pose => "pose",
        }
    }
}

/// Order of the dimensions of a picture in a tensor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Layout {
    /// Batch, channel, row, column.
    #[default]
    Nchw,
    /// Batch, row, column, channel.
    Nhwc,
}

/// What the channels of a picture in a tensor are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ColorOrder {
    /// Red, green, blue.
    #[default]
    Rgb,
    /// Blue, green, red.
    Bgr,
    /// Studio-swing luma over 255; chroma is resized beside the model and put back.
    Y,
    /// Full-range luma; the result is grey.
    Gray,
    /// One channel: the model runs once for red, once for green and once for blue.
    Each,
}

impl ColorOrder {
    /// Channels of the tensor.
    pub fn channels(self) -> usize {
        match self {
            ColorOrder::Rgb | ColorOrder::Bgr => 3,
            ColorOrder::Y | ColorOrder::Gray | ColorOrder::Each => 1,
        }
    }
}

/// Which sizes a model takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SizeRule {
    /// Any.
    #[default]
    Any,
    /// One size, which the model file states.
    Fixed,
    /// Multiples of `multiple_of`.
    Multiple,
}

/// How a picture is brought to a fixed size.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Fit {
    /// Resized without regard for its proportions.
    #[default]
    Stretch,
    /// Resized to fit inside, the rest filled with `pad_value`.
    Letterbox,
    /// Resized to cover, the middle cut out.
    Crop,
    /// Not resized: cut into tiles of that size. For models that answer with a picture.
    Tile,
}

/// Where a letterboxed picture lies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Align {
    /// In the middle.
    #[default]
    Center,
    /// In the top left corner.
    TopLeft,
}

/// What lies beyond the edge of a picture that is padded to a multiple or for an eaten border.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PadMode {
    /// Mirrored about the last pixel.
    #[default]
    Reflect,
    /// The last pixel again.
    Edge,
}

/// What a model is fed: `[input]`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct InputSpec {
    /// Order of dimensions.
    pub layout: Layout,
    /// What the channels are.
    pub color: ColorOrder,
    /// The values of black and white, before `mean` and `std`.
    pub range: [f32; 2],
    /// Subtracted from each channel, in the order of `color`; one value or one a channel.
    pub mean: Vec<f32>,
    /// Divides each channel after the subtraction; one value or one a channel.
    pub std: Vec<f32>,
    /// Which sizes the model takes.
    pub size: SizeRule,
    /// For `size = "fixed"` where the model file leaves the size open: columns.
    pub width: Option<usize>,
    /// For `size = "fixed"` where the model file leaves the size open: rows.
    pub height: Option<usize>,
    /// For `size = "multiple"`: the divisor of width and height.
    pub multiple_of: usize,
    /// How a picture is brought to a fixed size.
    pub fit: Fit,
    /// Grey beside a letterboxed picture, 0 to 255 whatever the range.
    pub pad_value: f32,
    /// Where a letterboxed picture lies.
    pub align: Align,
    /// How a picture is continued where it is padded to a multiple or for an eaten border.
    pub pad: PadMode,
    /// Kernel for resizing.
    pub resize: Filter,
    /// Whether the kernel is widened when a picture is made smaller.
    pub antialias: bool,
}

impl InputSpec {
    /// The size to bring pictures to: what the model file demands or else what the package says.
    pub fn fixed_size(&self, model: Option<(usize, usize)>) -> Option<(usize, usize)> {
        model.or(self.width.zip(self.height))
    }
}

impl Default for InputSpec {
    fn default() -> InputSpec {
        InputSpec {
            layout: Layout::Nchw,
            color: ColorOrder::Rgb,
            range: [0.0, 1.0],
            mean: vec![0.0],
            std: vec![1.0],
            size: SizeRule::Any,
            width: None,
            height: None,
            multiple_of: 1,
            fit: Fit::Stretch,
            pad_value: 0.0,
            align: Align::Center,
            pad: PadMode::Reflect,
            resize: Filter::Bilinear,
            antialias: true,
        }
    }
}

/// What a model that answers with a picture answers: `[output]`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OutputSpec {
    /// How much larger the result is than the picture, on each side.
    pub scale: usize,
    /// The values of black and white in the result.
    pub range: [f32; 2],
    /// The picture is enlarged this much with bicubic interpolation before the model; a divisor of `scale`.
    pub pre_upscale: usize,
    /// Pixels of its input that the model takes away on every side (unpadded convolutions).
    pub crop: usize,
    /// Pixels beside a cut whose result is thrown away when the picture is tiled; unset when unknown.
    pub halo: Option<usize>,
    /// Order of dimensions of the result; that of the input when unset.
    pub layout: Option<Layout>,
}

impl Default for OutputSpec {
    fn default() -> OutputSpec {
        OutputSpec { scale: 1, range: [0.0, 1.0], pre_upscale: 1, crop: 0, halo: None, layout: None }
    }
}

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

/// What the channels of a segmentation are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SegmentKind {
    /// One score a class: the highest wins.
    Argmax,
    /// One channel: the probability of the one thing.
    Binary,
}

/// How a mask is read: `[segment]`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SegmentSpec {
    /// What the channels are.
    pub kind: SegmentKind,
    /// For `binary`: at least this is the thing.
    #[serde(default = "half")]
    pub threshold: f32,
    /// For `binary`: what turns a value into a probability.
    #[serde(default)]
    pub activation: Activation,
    /// Order of dimensions of the result; that of the input when unset.
    pub layout: Option<Layout>,
    /// Class names by index.
    #[serde(default)]
    pub labels: Vec<String>,
    /// A file with one class name a line, inside the package's folder.
    pub labels_file: Option<PathBuf>,
}

fn half() -> f32 {
    0.5
}

/// What turns the last values of a model into probabilities.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Activation {
    /// They are probabilities.
    #[default]
    None,
    /// `1 / (1 + exp(-x))`.
    Sigmoid,
    /// `exp(x) / sum exp(x)`.
    Softmax,
    /// `exp(x)`: the model ends in log-softmax.
    Exp,
}

/// How classes are read: `[classify]`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClassifySpec {
    /// What turns the values into probabilities.
    #[serde(default)]
    pub activation: Activation,
    /// How many classes are reported.
    #[serde(default = "top")]
    pub top: usize,
    /// Class names by index.
    #[serde(default)]
    pub labels: Vec<String>,
    /// A file with one class name a line, inside the package's folder.
    pub labels_file: Option<PathBuf>,
}

fn top() -> usize {
    5
}

/// How keypoints are read from one heatmap each: `[pose]`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PoseSpec {
    /// Keypoints whose peak is lower are dropped.
    #[serde(default = "pose_threshold")]
    pub score_threshold: f32,
    /// Names of the keypoints in the order of the channels.
    #[serde(default)]
    pub joints: Vec<String>,
    /// Pairs of keypoints that a line joins.
    #[serde(default)]
    pub skeleton: Vec<[usize; 2]>,
    /// Order of dimensions of the heatmaps; that of the input when unset.
    pub layout: Option<Layout>,
}

fn pose_threshold() -> f32 {
    0.1
}
