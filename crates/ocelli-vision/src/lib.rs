//! Everything about pictures around a model: reading and writing, pre- and post-processing, decoding, tiling, drawing
//! and metrics. Nothing here knows a GPU or a model format: the engine is a closure over host tensors.
//!
//! | step | where |
//! |---|---|
//! | a file becomes an [`Image`] and back | [`image_io::read`], [`image_io::write`] |
//! | what a model wants | [`Package::load`] (`model.toml`) |
//! | picture to tensor | [`preprocess::prepare`] gives a tensor and the [`Geometry`] to come back |
//! | picture to picture, tiles and all | [`restore::run`] |
//! | outputs to boxes | [`decode::detections`], [`decode::mtcnn`] |
//! | outputs to mask, classes, keypoints | [`decode::mask`], [`decode::classes`], [`decode::pose`] |
//! | results into the picture | [`draw`] |
//! | how good is it | [`metrics`], [`average_precision`] |
//!
//! ```no_run
//! # use ocelli_tensor::Tensor;
//! # use ocelli_vision::*;
//! # fn engine(_: &Tensor) -> Result<Vec<(String, Tensor)>> { Ok(Vec::new()) }
//! # fn main() -> Result<()> {
//! let package = Package::load("models/yolox-nano")?;
//! let mut image = image_io::read("street.jpg")?;
//! let prepared = preprocess::prepare(&image, &package.input, Some((416, 416)))?;
//! let outputs = engine(&prepared.tensor)?;
//! if let Some(spec) = &package.detect {
//!     let found = decode::detections(spec, &outputs, &prepared.geometry)?;
//!     draw::detections(&mut image, &found);
//! }
//! image_io::write("out.png", &image)?;
//! # Ok(())
//! # }
//! ```
//!
//! Samples are `f32` in 0..1 (for integer depths), planar, in the encoding of the file: nothing is linearised.
//! Coordinates are continuous pixels: the left edge of the first pixel is 0, its centre 0.5.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod alpha;
pub mod average_precision;
pub mod color;
pub mod decode;
pub mod draw;
mod error;
mod geometry;
mod image;
pub mod image_io;
pub mod metadata;
pub mod metrics;
pub mod nms;
pub mod noise;
pub mod package;
mod planes;
pub mod preprocess;
pub mod profile;
mod profile_write;
mod quantize;
pub mod resample;
pub mod restore;
pub mod tiling;

pub use decode::Detection;
pub use error::{Result, VisionError};
pub use geometry::{Geometry, Rect};
pub use image::{Channels, Depth, Head, Image};
pub use metadata::Metadata;
pub use package::{Package, Task};
pub use planes::{Border, Planes};
