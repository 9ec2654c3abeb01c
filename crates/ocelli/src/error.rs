/// Everything that can go wrong, with the exit code of the command line in [`Error::exit_code`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The model cannot be imported.
    #[error("{0}")]
    Import(#[from] ocelli_onnx::ImportError),
    /// The model cannot be run.
    #[error("{0}")]
    Runtime(#[from] ocelli_runtime::RuntimeError),
    /// A picture or a model package is wrong.
    #[error("{0}")]
    Vision(#[from] ocelli_vision::VisionError),
    /// A tensor or an `.npy` file is wrong.
    #[error("{0}")]
    Tensor(#[from] ocelli_tensor::TensorError),
    /// A file cannot be read or written.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: String,
        /// What went wrong.
        source: std::io::Error,
    },
    /// The model computed something that is no picture.
    #[error("{0}")]
    Broken(String),
    /// The caller asked for something that is not there.
    #[error("{0}")]
    Usage(String),
    /// An error about a named file or model.
    #[error("{what}: {source}")]
    About {
        /// The file or model.
        what: String,
        /// The error.
        source: Box<Error>,
    },
    /// An internal error that would have been a panic.
    #[error("internal error: {0}")]
    Internal(String),
}

impl Error {
    /// 1 failed, 2 bad usage, 3 unsupported operator, 4 no usable adapter.
    pub fn exit_code(&self) -> u8 {
        match self {
            Error::Import(ocelli_onnx::ImportError::Unsupported(_)) => 3,
            Error::Runtime(ocelli_runtime::RuntimeError::NoAdapter(_)) => 4,
            Error::Runtime(ocelli_runtime::RuntimeError::Node(e))
                if matches!(e.source, ocelli_graph::OpError::Unsupported(_)) =>
            {
                3
            }
            Error::Runtime(ocelli_runtime::RuntimeError::Bind(ocelli_graph::BindError::Node(e)))
                if matches!(e.source, ocelli_graph::OpError::Unsupported(_)) =>
            {
                3
            }
            Error::Usage(_) => 2,
            Error::About { source, .. } => source.exit_code(),
            _ => 1,
        }
    }

    /// This error, saying what it is about unless it says so already.
    #[must_use]
    pub fn about(self, what: impl std::fmt::Display) -> Error {
        let what = what.to_string();
        if self.to_string().starts_with(&what) {
            return self;
        }
        Error::About { what, source: Box::new(self) }
    }

    /// Whether the caller cancelled.
    pub fn is_cancelled(&self) -> bool {
        match self {
            Error::Runtime(ocelli_runtime::RuntimeError::Cancelled) => true,
            Error::About { source, .. } => source.is_cancelled(),
            _ => false,
        }
    }
}
