//! The graph: operators, shape inference, naive references, passes and the plan.
//!
//! ```text
//! Graph ── bind(input shapes) ─▶ Graph with every type known, constants folded ── passes ─▶ Graph ── plan ─▶ Plan
//! ```
//!
//! - [`Graph`] is SSA: values are tensors, [`Node`]s are in topological order, and each keeps its ONNX name.
//! - [`ops`] has one folder per operator: attributes and inference in `mod.rs`, the naive reference in `reference.rs`,
//!   lowering to kernels in `lower.rs`, test cases in `cases.rs`.
//! - [`passes`] rewrite a bound graph to a fixed point; the graph is verified after each.
//! - [`plan`] lowers a bound graph to kernel calls with memory slots by lifetime.
//! - [`interpreter`] runs a graph with the references alone: the oracle.

pub mod analysis;
pub mod bind;
mod error;
mod graph;
pub mod interpreter;
mod operator;
pub mod ops;
pub mod passes;
pub mod plan;

pub use bind::{BindError, Bound, bind};
pub use error::OpError;
pub use graph::{Graph, GraphInput, Node, NodeId, TensorType, Value, ValueId, VerifyError};
pub use operator::{Case, InferCx, Operator, Outputs};
pub use ops::Op;
