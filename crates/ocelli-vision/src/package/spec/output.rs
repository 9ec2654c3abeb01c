use serde::Deserialize;

use super::Layout;

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
