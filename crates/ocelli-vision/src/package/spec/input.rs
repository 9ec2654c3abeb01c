use serde::Deserialize;

use super::NoiseSpec;
use crate::resample::Filter;

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

/// What the values of a picture are to a model.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Light {
    /// As files and screens hold them: equal steps look equal.
    #[default]
    Encoded,
    /// In proportion to light.
    Linear,
}

/// What a model is fed: `[input]`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct InputSpec {
    /// Order of dimensions.
    pub layout: Layout,
    /// What the channels are.
    pub color: ColorOrder,
    /// What the values are, for models that answer with a picture.
    pub light: Light,
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
    /// A noise level that the model is told beside the picture.
    pub noise: Option<NoiseSpec>,
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
            light: Light::Encoded,
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
            noise: None,
        }
    }
}
