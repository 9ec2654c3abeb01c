//! Runs plans on a wgpu device.
//!
//! - [`Engine`] owns (or borrows) a device and its pipelines; clones share them.
//! - [`Session`] is a graph on an engine: it plans each input shape once and runs it. `Send + Sync`; runs in flight at
//!   the same time have activations of their own.
//! - [`Session::prepare`] gives a [`Program`] whose [`encode`](Program::encode) appends to the caller's encoder and
//!   never submits, polls or blocks.

mod choices;
mod disk_cache;
mod dump;
mod engine;
mod error;
mod executable;
mod peaks;
mod pipeline;
mod profile;
mod ranges;
mod recovery;
mod session;
mod texture;
mod transfer;
mod tuner;

pub use engine::{AdapterSummary, Engine, EngineOptions, adapters};
pub use error::RuntimeError;
pub use executable::{Instance, Prepared};
pub use ocelli_graph::plan::OutputForm;
pub use peaks::Peaks;
pub use profile::{CallTime, Profile};
pub use ranges::Misfits;
pub use session::{NodeReport, Pending, Precision, Program, Report, RunOptions, Session, report};
pub use texture::{ColorMap, TextureReader, TextureWriter};
pub use tuner::Tuned;
