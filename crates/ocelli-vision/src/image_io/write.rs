use std::io::Cursor;
use std::path::Path;

use super::file::{Partial, write_atomic};
use super::kinds::{Format, format_of};
use super::{gif_bmp, jpeg, png, tiff_write, webp};
use crate::error::{Result, VisionError};
use crate::image::{Depth, Head, Image};
use crate::planes::Planes;
use crate::quantize::{Dither, Quantizer, Samples};

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

/// Takes samples of the next rows, interleaved.
pub(super) type PutSamples<'a> = dyn FnMut(&Samples) -> Result<()> + 'a;

/// Takes the next rows of a picture, as many as come at once: all planes, alpha last.
pub type PutRows<'a> = dyn FnMut(Planes) -> Result<()> + 'a;

/// Whether a format can be written row by row.
pub fn takes_rows(format: Format) -> bool {
    matches!(format, Format::Png | Format::Tiff)
}

/// Writes a picture whose rows `fill` hands over from the top: all of the file or, on an error, `fill`'s too, what was there
/// before. PNG and TIFF alone; no more of the picture is held than is handed over at once.
///
/// Errors: as [`write_with`]; `fill` handed over other rows than `head` says.
pub fn write_rows<T, E: From<VisionError>>(
    path: &Path,
    head: &Head,
    options: &WriteOptions,
    fill: impl FnOnce(&mut PutRows<'_>) -> Result<T, E>,
) -> Result<T, E> {
    let io = |source| VisionError::Io { path: path.to_owned(), source };
    let plan = Writing::plan(head.clone(), path, options)?;
    let bad = |text: String| VisionError::Picture { path: path.to_owned(), text };
    let mut rows = RowsWritten { plan: &plan, quantizer: plan.quantizer(head.depth), path, done: 0, beyond: 0 };
    let mut partial = Partial::create(path).map_err(io)?;
    let inside = |put: &mut PutSamples<'_>| -> Result<T, E> {
        let result = fill(&mut |planes| rows.put(planes, put))?;
        rows.end()?;
        Ok(result)
    };
    let result = match plan.format {
        Format::Png => png::write_rows(partial.file(), &plan.head, plan.depth, &bad, inside)?,
        Format::Tiff => tiff_write::write_rows(partial.file(), &plan.head, plan.depth, &bad, inside)?,
        other => return Err(bad(format!("{other} is not written row by row")).into()),
    };
    partial.commit().map_err(io)?;
    Ok(result)
}

/// Rows on their way into a file.
struct RowsWritten<'a> {
    plan: &'a Writing,
    quantizer: Quantizer,
    path: &'a Path,
    done: usize,
    /// Samples that are clipped.
    beyond: usize,
}

impl RowsWritten<'_> {
    fn put(&mut self, planes: Planes, to: &mut PutSamples<'_>) -> Result<()> {
        let head = &self.plan.head;
        self.done += planes.height();
        if planes.width() != head.width || self.done > head.height {
            return Err(self.wrong());
        }
        let image = Image::new(planes, head.channels, head.depth)?;
        self.beyond += self.plan.beyond(&image);
        to(&self.quantizer.rows(&image))
    }

    fn end(&self) -> Result<()> {
        if self.done != self.plan.head.height {
            return Err(self.wrong());
        }
        warn_of_clipped(self.path, self.beyond);
        Ok(())
    }

    fn wrong(&self) -> VisionError {
        let Head { width, height, .. } = self.plan.head;
        crate::error::argument(format!("{} rows of {width} samples were handed over for {width}x{height}", self.done))
    }
}

/// How a picture is written.
pub(super) struct Writing {
    format: Format,
    pub depth: Depth,
    pub dither: Dither,
    /// With the metadata of the result.
    head: Head,
}

impl Writing {
    pub fn plan(mut head: Head, path: &Path, options: &WriteOptions) -> Result<Writing> {
        let format = format_of(path)?;
        let deepest = format.deepest();
        if let Some(asked) = options.depth.filter(|&d| d > deepest) {
            let text = format!("{format} holds no samples of {}; write {}", asked.name(), holder(asked));
            return Err(VisionError::Unsupported { path: path.to_owned(), text });
        }
        let depth = options.depth.unwrap_or(head.depth).min(deepest);
        let warn = |text: String| log::warn!("{}: {text}", path.display());
        if depth < head.depth && options.depth.is_none() {
            warn(format!("{format} holds {} of the picture's {}", depth.name(), head.depth.name()));
        }
        head.metadata.describe(head.width, head.height);
        let metadata = &head.metadata;
        for (what, there) in [
            ("ICC profile", metadata.icc.is_some()),
            ("EXIF", metadata.exif.is_some()),
            ("XMP", metadata.xmp.is_some()),
        ] {
            if there && format == Format::Bmp {
                warn(format!("BMP has no place for the {what}"));
            }
        }
        Ok(Writing { format, depth, dither: options.dither, head })
    }

    pub fn quantizer(&self, depth: Depth) -> Quantizer {
        Quantizer::new(depth, self.depth, self.dither)
    }

    /// Samples that whole numbers clip.
    fn beyond(&self, image: &Image) -> usize {
        if self.depth == Depth::F32 || image.depth() != Depth::F32 {
            return 0;
        }
        image.planes().data().iter().filter(|v| !(0.0..=1.0).contains(*v)).count()
    }
}

fn warn_of_clipped(path: &Path, samples: usize) {
    if samples > 0 {
        log::warn!(
            "{}: {samples} samples below black or above white are clipped; TIFF with 32f keeps them",
            path.display()
        );
    }
}

/// The bytes of the file that [`write_with`] would write to `path`.
pub fn encode(image: &Image, path: &Path, options: &WriteOptions) -> Result<Vec<u8>> {
    let opaque;
    let image = if format_of(path)? == Format::Jpeg && image.channels().has_alpha() {
        if image.alpha().is_some_and(|a| a.data().iter().any(|&v| v < 1.0)) {
            let text = "JPEG cannot hold the alpha of this picture; write PNG, WebP or TIFF".to_owned();
            return Err(VisionError::Unsupported { path: path.to_owned(), text });
        }
        opaque = image.clone().without_alpha();
        &opaque
    } else {
        image
    };
    let plan = Writing::plan(image.head(), path, options)?;
    warn_of_clipped(path, plan.beyond(image));
    let bad = |text: String| VisionError::Picture { path: path.to_owned(), text };
    let warn = |text: String| log::warn!("{}: {text}", path.display());
    let samples = plan.quantizer(image.depth()).rows(image);
    let metadata = &plan.head.metadata;
    let all = |put: &mut PutSamples<'_>| put(&samples);
    let mut out = Cursor::new(Vec::new());
    let result = match (plan.format, &samples) {
        (Format::Png, _) => {
            png::write_rows(&mut out, &plan.head, plan.depth, &bad, all)?;
            Ok(out.into_inner())
        }
        (Format::Tiff, _) => {
            tiff_write::write_rows(&mut out, &plan.head, plan.depth, &bad, all)?;
            Ok(out.into_inner())
        }
        (Format::Jpeg, Samples::U8(v)) => jpeg::write(image, v, options.jpeg_quality, metadata, &warn),
        (Format::WebP, Samples::U8(v)) => webp::write(image, v, metadata),
        (Format::Bmp, Samples::U8(v)) => gif_bmp::write_bmp(image, v),
        (other, _) => Err(format!("{other} holds 8 bits")),
    };
    result.map_err(bad)
}

fn holder(depth: Depth) -> &'static str {
    match depth {
        Depth::F32 => "TIFF",
        Depth::U16 => "PNG or TIFF",
        Depth::U8 => "any format",
    }
}
