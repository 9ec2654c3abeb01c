use ocelli_graph::interpreter::NodeError;
use ocelli_graph::{BindError, VerifyError};

/// What can go wrong between a graph and its results.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RuntimeError {
    /// No adapter serves.
    #[error("no usable GPU adapter: {0}")]
    NoAdapter(String),
    /// The device could not be made.
    #[error("cannot open the device: {0}")]
    Device(String),
    /// The device ran out of memory, or the plan is above the limit.
    #[error("out of device memory: {0}")]
    OutOfMemory(String),
    /// wgpu rejects what was recorded: a bug in a kernel or in the plan.
    #[error("the device rejects {what}: {message}")]
    Validation {
        /// Which object or phase.
        what: String,
        /// What wgpu says.
        message: String,
    },
    /// The device is gone (driver reset, unplugged).
    #[error("the device was lost: {0}")]
    Lost(String),
    /// The inputs do not fit the graph, or a node rejects its inputs.
    #[error(transparent)]
    Bind(#[from] BindError),
    /// A node cannot be planned or evaluated.
    #[error(transparent)]
    Node(#[from] NodeError),
    /// A pass broke the graph: a bug.
    #[error(transparent)]
    Verify(#[from] VerifyError),
    /// A named input is unknown or missing.
    #[error("{0}")]
    Input(String),
    /// The graph cannot be recorded as one piece of device work.
    #[error("cannot be encoded: {0}")]
    NotEncodable(String),
    /// A result that was asked for as samples of a picture has a value that is infinite or not a number.
    #[error("a result of `{0}` is not finite")]
    NotFinite(String),
    /// The caller cancelled the run.
    #[error("cancelled")]
    Cancelled,
}
