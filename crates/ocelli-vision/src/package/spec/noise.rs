use serde::Deserialize;

use crate::error::{self, Result};

/// A noise level that the model is told beside the picture: `[input.noise]`.
///
/// Levels are standard deviations in steps of eight bits, 0 to 255, whatever the depth of the picture.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoiseSpec {
    /// The model's input, which holds one value.
    pub name: String,
    /// The lowest and the highest level that the model was made for.
    pub range: [f32; 2],
    /// The level where nobody states one.
    pub default: f32,
    /// The model is fed the level over this.
    #[serde(default = "steps")]
    pub divisor: f32,
}

fn steps() -> f32 {
    255.0
}

impl NoiseSpec {
    /// The value to feed for `level`, or for the default where that is unset.
    ///
    /// Errors: the level is outside `range`, or no number.
    pub fn value(&self, level: Option<f32>) -> Result<f32> {
        let level = level.unwrap_or(self.default);
        let [low, high] = self.range;
        if !(low..=high).contains(&level) {
            return Err(error::argument(format!("a noise level of {level}: the model takes {low} to {high}")));
        }
        Ok(level / self.divisor)
    }
}
