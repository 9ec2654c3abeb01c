//! Reads ONNX models into a graph.
//!
//! ```text
//! bytes ── framing check ─▶ protobuf ── functions expanded, nodes sorted ─▶ converters ─▶ ocelli_graph::Graph
//! ```
//!
//! Model files are untrusted: sizes, nesting and counts are bounded, and whatever the bytes, the result is a graph or
//! one [`ImportError`] that names what is wrong and where. Everything that the engine cannot run is reported at once.
//!
//! Weights are not copied: they share the bytes of the file, which is memory-mapped where it is large.
#![deny(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic))]

mod attributes;
mod call;
mod error;
mod expand;
mod f32_only;
mod import;
mod inline;
mod limits;
mod node;
mod ops;
mod opset;
pub mod proto;
mod read;
mod scan;
mod schema;
mod sort;
pub mod tensor;

use std::collections::BTreeMap;
use std::path::Path;

use bytes::Bytes;
use ocelli_graph::Graph;

pub use error::{ImportError, NodeRef, Unsupported};
pub use import::import;
pub use ops::names as operator_names;
pub use opset::MAX_OPSET;
pub use read::Model;

/// An imported model.
#[derive(Clone, Debug)]
pub struct Imported {
    /// The graph, verified.
    pub graph: Graph,
    /// Version of each operator set by domain; the standard one is `""`.
    pub opset: BTreeMap<String, i64>,
    /// Version of the file format; 0 where the file does not say.
    pub ir_version: i64,
    /// Name of the tool that wrote the file.
    pub producer: String,
    /// Version of that tool.
    pub producer_version: String,
    /// Version of the model.
    pub model_version: i64,
    /// Free-form properties, such as class names.
    pub metadata: BTreeMap<String, String>,
}

/// Imports a model file; external data is looked up in its folder.
///
/// Large files are mapped, so that the file must not be changed while the graph is in use.
pub fn read_file(path: impl AsRef<Path>) -> Result<Imported, ImportError> {
    import(Model::open(path.as_ref())?)
}

/// Imports a model from bytes; external data is looked up in `base_dir`, and refused without one.
pub fn read_bytes(bytes: impl Into<Bytes>, base_dir: Option<&Path>) -> Result<Imported, ImportError> {
    import(Model::decode(bytes.into(), base_dir)?)
}

/// Reads a file that holds one `TensorProto`, as the standard's test data does.
pub fn read_tensor_file(path: impl AsRef<Path>) -> Result<ocelli_tensor::Tensor, ImportError> {
    let path = path.as_ref();
    let bytes = read::file_bytes(path, limits::MAX_MODEL_BYTES)?;
    let proto = <proto::TensorProto as prost::Message>::decode(bytes)
        .map_err(|e| ImportError::Decode(format!("{}: {e}", path.display())))?;
    tensor::TensorReader::new(path.parent()).read(&proto, &path.display().to_string())
}
