//! Runs image neural networks on any GPU through wgpu.
//!
//! ```no_run
//! # fn main() -> Result<(), ocelli::Error> {
//! let engine = ocelli::Engine::open(&ocelli::EngineOptions::default())?;
//! let model = ocelli::Model::open("model.onnx")?;
//! let session = model.session(&engine)?;
//! let input = ocelli::Tensor::zeros(ocelli::DType::F32, &[1, 3, 224, 224])?;
//! for (name, tensor) in session.run_named(&[("input", input)])? {
//!     println!("{name}: {tensor:?}");
//! }
//! # Ok(())
//! # }
//! ```
//!
//! - [`Model`] and [`Session`] run any ONNX graph on host tensors; [`Session::prepare`] gives a [`Program`] that records
//!   into your own command encoder, on your own device ([`Engine::from_device`]).
//! - [`tasks`] do whole jobs on pictures: upscale, denoise, enhance, detect, segment, classify, style, pose.

mod error;
pub mod evaluate;
mod model;
pub mod tasks;

pub use error::Error;
pub use model::{Model, concrete_types};
pub use ocelli_graph as graph;
pub use ocelli_onnx::{ImportError, Unsupported};
pub use ocelli_runtime::{
    AdapterSummary, CallTime, ColorMap, Engine, EngineOptions, Misfits, NodeReport, OutputForm, Peaks, Pending,
    Precision, Profile, Program, Report, RunOptions, RuntimeError, Session, TextureReader, TextureWriter, adapters,
    report,
};
pub use ocelli_tensor::{DType, Data, Dim, Tensor, TensorError, npy};
pub use ocelli_vision as vision;
pub use wgpu;
