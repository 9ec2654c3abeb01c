//! The messages of `onnx.proto` that the importer reads, with the field numbers of ONNX IR version 13 (onnx 1.21).
//!
//! Fields that no model needs in order to run (doc strings, metadata, sharding, training) are left out and skipped
//! while decoding. `raw_data` shares the bytes that the message is decoded from.

mod attribute;
mod graph;
mod model;
mod tensor;
mod types;

pub use attribute::{AttributeProto, attribute_type};
pub use graph::{GraphProto, NodeProto};
pub use model::{FunctionProto, ModelProto, OperatorSetIdProto, StringStringEntryProto};
pub use tensor::{SegmentProto, SparseTensorProto, TensorProto, data_type};
pub use types::{Dimension, TensorShapeProto, TypeProto, ValueInfoProto, dimension, type_proto};
