use std::path::PathBuf;

use ocelli_tensor::TensorError;

/// What can go wrong between a picture on disk and a result.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VisionError {
    /// A file could not be read or written.
    #[error("{path}: {source}", path = path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A picture could not be decoded or encoded.
    #[error("{path}: {text}", path = path.display())]
    Picture {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        text: String,
    },
    /// A picture of a kind that is refused on purpose (animated, or of a format that is not read).
    #[error("{path}: {text}", path = path.display())]
    Unsupported {
        /// The file.
        path: PathBuf,
        /// What it is, and what would be accepted.
        text: String,
    },
    /// A size beyond a limit.
    #[error("{what}: {got} exceeds the limit of {limit}")]
    Limit {
        /// The quantity.
        what: String,
        /// Its value.
        got: u64,
        /// The largest value that is accepted.
        limit: u64,
    },
    /// A model package is not usable.
    #[error("{path}: {text}", path = path.display())]
    Package {
        /// The `model.toml`.
        path: PathBuf,
        /// The key and what is wrong with it.
        text: String,
    },
    /// A file of a model package is not the one that the package describes.
    #[error("{path}: SHA-256 is {found}, model.toml expects {expected}", path = path.display())]
    Checksum {
        /// The file.
        path: PathBuf,
        /// What the package says, in lower-case hexadecimal digits.
        expected: String,
        /// What the file has.
        found: String,
    },
    /// A tensor that came from a model does not have the shape its package promises.
    #[error("{what}: expected {expected}, got {got}")]
    Shape {
        /// Which tensor, and who reads it.
        what: String,
        /// The shape or property that was expected.
        expected: String,
        /// The shape that was found.
        got: String,
    },
    /// A model answered with NaN or infinity where a picture was expected.
    #[error("model `{model}`: run {index} of {count} is no picture, {place}", index = .index + 1)]
    NotFinite {
        /// The model.
        model: String,
        /// Which run of the model, from 0.
        index: usize,
        /// How many runs there are.
        count: usize,
        /// Which tile of the picture, the value, and where in the result.
        place: String,
    },
    /// An argument makes no sense.
    #[error("{0}")]
    Argument(String),
    /// Making or reading a tensor failed.
    #[error(transparent)]
    Tensor(#[from] TensorError),
}

/// `Result` with [`VisionError`].
pub type Result<T, E = VisionError> = std::result::Result<T, E>;

pub(crate) fn argument(text: impl Into<String>) -> VisionError {
    VisionError::Argument(text.into())
}

pub(crate) fn shape(what: &str, expected: impl Into<String>, got: &[usize]) -> VisionError {
    VisionError::Shape { what: what.to_owned(), expected: expected.into(), got: ocelli_tensor::format_shape(got) }
}
