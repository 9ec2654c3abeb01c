//! Scores of classes, for every pixel (`[segment]`) or for the picture (`[classify]`).

use std::path::PathBuf;

use serde::Deserialize;

use super::Layout;

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
