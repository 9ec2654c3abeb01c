use crate::DType;

/// What can be wrong with a host tensor or an `.npy` file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TensorError {
    /// The bytes do not fill the shape.
    #[error("{expected} bytes needed for shape {shape:?} of {dtype}, got {got}")]
    Length {
        /// Data type of the tensor.
        dtype: DType,
        /// Shape that was asked for.
        shape: Vec<usize>,
        /// Bytes that the shape needs.
        expected: usize,
        /// Bytes that were given.
        got: usize,
    },
    /// The element count overflows.
    #[error("shape {0:?} has too many elements")]
    TooLarge(Vec<usize>),
    /// A typed view of another dtype was asked for.
    #[error("expected a tensor of {expected}, got {got}")]
    DType {
        /// What the caller asked for.
        expected: DType,
        /// What the tensor holds.
        got: DType,
    },
    /// The file is not a readable `.npy` file.
    #[error("not a usable .npy file: {0}")]
    Npy(String),
    /// Reading or writing failed.
    #[error("{0}")]
    Io(#[from] std::io::Error),
}
