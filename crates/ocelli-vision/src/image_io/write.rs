use std::path::Path;

use super::file::write_atomic;
use super::kinds::{Format, format_of};
use super::{gif_bmp, jpeg, png, tiff_write, webp};
use crate::error::{Result, VisionError};
use crate::image::{Depth, Image};
use crate::quantize::{self, Dither, Samples};

/// How pictures are written.
#[derive(Clone, Copy, Debug)]
pub struct WriteOptions {
    /// JPEG quality, 1..=100.
    pub jpeg_quality: u8,
    /// The depth to write; that of the picture, or the most that the format holds, when unset.
    pub depth: Option<Depth>,
    /// What happens to the fractions that the depth cannot hold.
    pub dither: Dither,
}

impl Default for WriteOptions {
    /// JPEG quality 95, the depth of the picture, dithered where depth is lost.
    fn default() -> WriteOptions {
        WriteOptions { jpeg_quality: 95, depth: None, dither: Dither::Auto }
    }
}

/// Writes a picture in the format of its ending with the default [`WriteOptions`].
pub fn write(path: impl AsRef<Path>, image: &Image) -> Result<()> {
    write_with(path, image, &WriteOptions::default())
}

/// Writes a picture in the format of its ending: all of it or, on an error, what was there before.
///
/// Errors: the ending names no format; the format cannot hold the picture's size, its alpha, or the depth that
/// `options` ask for; the file cannot be written.
pub fn write_with(path: impl AsRef<Path>, image: &Image, options: &WriteOptions) -> Result<()> {
    let path = path.as_ref();
    let bytes = encode(image, path, options)?;
    write_atomic(path, &bytes).map_err(|source| VisionError::Io { path: path.to_owned(), source })
}

/// The bytes of the file that [`write_with`] would write to `path`.
pub fn encode(image: &Image, path: &Path, options: &WriteOptions) -> Result<Vec<u8>> {
    let format = format_of(path)?;
    let refused = |text: String| VisionError::Unsupported { path: path.to_owned(), text };
    let warn = |text: String| log::warn!("{}: {text}", path.display());
    let deepest = format.deepest();
    if let Some(asked) = options.depth.filter(|&d| d > deepest) {
        return Err(refused(format!("{format} holds no samples of {}; write {}", asked.name(), holder(asked))));
    }
    let depth = options.depth.unwrap_or(image.depth()).min(deepest);
    if depth < image.depth() && options.depth.is_none() {
        warn(format!("{format} holds {} of the picture's {}", depth.name(), image.depth().name()));
    }
    let opaque;
    let image = if format == Format::Jpeg && image.channels().has_alpha() {
        if image.alpha().is_some_and(|a| a.data().iter().any(|&v| v < 1.0)) {
            return Err(refused("JPEG cannot hold the alpha of this picture; write PNG, WebP or TIFF".to_owned()));
        }
        opaque = image.clone().without_alpha();
        &opaque
    } else {
        image
    };
    if depth != Depth::F32 && image.depth() == Depth::F32 {
        let beyond = image.planes().data().iter().filter(|v| !(0.0..=1.0).contains(*v)).count();
        if beyond > 0 {
            warn(format!("{beyond} samples below black or above white are clipped; TIFF with 32f keeps them"));
        }
    }
    let mut metadata = image.metadata().clone();
    metadata.describe(image.width(), image.height());
    for (what, there) in
        [("ICC profile", metadata.icc.is_some()), ("EXIF", metadata.exif.is_some()), ("XMP", metadata.xmp.is_some())]
    {
        if there && format == Format::Bmp {
            warn(format!("BMP has no place for the {what}"));
        }
    }
    let samples = quantize::samples(image, depth, options.dither);
    let result = match (format, &samples) {
        (Format::Png, samples) => png::write(image, samples, &metadata),
        (Format::Tiff, samples) => tiff_write::write(image, samples, &metadata),
        (Format::Jpeg, Samples::U8(v)) => jpeg::write(image, v, options.jpeg_quality, &metadata, &warn),
        (Format::WebP, Samples::U8(v)) => webp::write(image, v, &metadata),
        (Format::Bmp, Samples::U8(v)) => gif_bmp::write_bmp(image, v),
        (other, _) => Err(format!("{other} holds 8 bits")),
    };
    result.map_err(|text| VisionError::Picture { path: path.to_owned(), text })
}

fn holder(depth: Depth) -> &'static str {
    match depth {
        Depth::F32 => "TIFF",
        Depth::U16 => "PNG or TIFF",
        Depth::U8 => "any format",
    }
}
