/// Why an operator cannot infer, evaluate or lower. The caller adds the node's name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OpError {
    /// The model breaks the operator's contract.
    #[error("{0}")]
    Invalid(String),
    /// Legal by the standard, but not implemented.
    #[error("not supported: {0}")]
    Unsupported(String),
    /// The output shape depends on the value of this input, which is not known yet.
    #[error("the shape depends on the value of input {0}")]
    NeedsValue(usize),
    /// The operator (or this use of it) has no kernel: it runs on the host, for this reason.
    #[error("runs on the host: {0}")]
    HostOnly(String),
}

impl OpError {
    /// An [`OpError::Invalid`] of this text.
    pub fn invalid(text: impl Into<String>) -> OpError {
        OpError::Invalid(text.into())
    }

    /// An [`OpError::Unsupported`] of this text.
    pub fn unsupported(text: impl Into<String>) -> OpError {
        OpError::Unsupported(text.into())
    }

    /// An [`OpError::HostOnly`] of this text.
    pub fn host_only(text: impl Into<String>) -> OpError {
        OpError::HostOnly(text.into())
    }
}

impl From<ocelli_tensor::TensorError> for OpError {
    fn from(e: ocelli_tensor::TensorError) -> OpError {
        OpError::Invalid(e.to_string())
    }
}
