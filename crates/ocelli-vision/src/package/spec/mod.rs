//! The sections of a `model.toml`, and what a model does.

mod classes;
mod detect;
mod input;
mod noise;
mod output;
mod pose;
mod task;

pub use classes::{Activation, ClassifySpec, SegmentKind, SegmentSpec};
pub use detect::{BoxCode, Decoder, DetectSpec, Stage};
pub use input::{Align, ColorOrder, Fit, InputSpec, Layout, Light, PadMode, SizeRule};
pub use noise::NoiseSpec;
pub use output::OutputSpec;
pub use pose::PoseSpec;
pub use task::Task;
