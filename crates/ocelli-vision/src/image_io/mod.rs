//! Reading and writing pictures.
//!
//! PNG, JPEG, WebP, TIFF and BMP, and GIF to read. The content decides the format when reading, the file's ending when
//! writing. `docs/images.md` tells what each kind of picture becomes. What is not read is refused by its name; metadata
//! that cannot be read costs a warning, samples that cannot be read are an error.

mod file;
mod gif_bmp;
mod jpeg;
mod jpeg_segments;
mod kinds;
mod orientation;
mod part;
mod png;
mod png_rows;
mod read;
mod rows;
mod tiff;
mod tiff_rows;
mod tiff_write;
mod webp;
mod write;

pub use file::{discard_partial_files, write_atomic};
pub use kinds::{Format, UNREAD_ENDINGS, format_of};
pub use part::{PartFile, part_path};
pub use read::{Limits, ReadOptions, decode, read, read_with};
pub use rows::{Opened, RowReader, open_rows};
pub use write::{PutRows, WriteOptions, encode, takes_rows, write, write_rows, write_with};

pub use crate::quantize::Dither;

/// Endings of the files that can be read, in lower case.
pub const READ_ENDINGS: [&str; 11] = ["png", "jpg", "jpeg", "jfif", "webp", "tif", "tiff", "bmp", "dib", "gif", "apng"];

/// Endings of the files that can be written, in lower case.
pub const WRITE_ENDINGS: [&str; 7] = ["png", "jpg", "jpeg", "webp", "tif", "tiff", "bmp"];
