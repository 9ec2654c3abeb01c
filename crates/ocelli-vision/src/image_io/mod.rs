//! Reading and writing pictures.
//!
//! PNG, JPEG, WebP, TIFF, BMP and GIF. The content decides the format when reading, the file's ending when writing.
//! Animated files are refused by name; EXIF orientation is applied while reading; a fitting ICC profile and the rest of EXIF are kept.

mod read;
mod write;

pub use read::{Limits, decode, read, read_with};
pub use write::{WriteOptions, encode, format_of, write, write_with};

/// Endings of the files that can be read and written, in lower case.
pub const ENDINGS: [&str; 8] = ["png", "jpg", "jpeg", "webp", "tif", "tiff", "bmp", "gif"];

#[cfg(test)]
mod tests;
