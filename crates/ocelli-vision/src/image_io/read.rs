use std::io::Read;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use super::kinds::{Kind, sniff};
use super::{gif_bmp, jpeg, orientation, png, tiff, webp};
use crate::error::{Result, VisionError};
use crate::image::{Depth, Image};
use crate::metadata::{Metadata, exif, xmp};
use crate::planes::Planes;

/// What a picture may cost before it is refused.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Largest file, in bytes.
    pub file_bytes: u64,
    /// Largest width or height, in pixels.
    pub side_px: u32,
    /// Largest number of pixels of a picture that is held as a whole.
    pub pixels: u64,
    /// Largest number of pixels of a picture that is read row by row, whatever the file's size.
    pub row_pixels: u64,
}

impl Default for Limits {
    /// 1 GiB of file, sides of 65535 pixels, 200 million pixels, 2^30 row by row.
    fn default() -> Limits {
        Limits { file_bytes: 1 << 30, side_px: 65_535, pixels: 200_000_000, row_pixels: 1 << 30 }
    }
}

/// How pictures are read.
#[derive(Clone, Copy, Debug, Default)]
pub struct ReadOptions {
    /// What a picture may cost.
    pub limits: Limits,
    /// Take the first frame of an animation and the first page of a document (`--first-frame` of the command line);
    /// otherwise these are refused.
    pub first_frame: bool,
}

/// Reads a picture with the default [`ReadOptions`].
pub fn read(path: impl AsRef<Path>) -> Result<Image> {
    read_with(path, &ReadOptions::default())
}

/// Reads a picture.
pub fn read_with(path: impl AsRef<Path>, options: &ReadOptions) -> Result<Image> {
    let path = path.as_ref();
    let io = |source| VisionError::Io { path: path.to_owned(), source };
    let file = std::fs::File::open(path).map_err(io)?;
    let mut bytes = Vec::new();
    file.take(options.limits.file_bytes.saturating_add(1)).read_to_end(&mut bytes).map_err(io)?;
    decode(&bytes, path, options)
}

/// Decodes the bytes of a file; `path` names it in errors, and its ending tells raw files of cameras from TIFF.
pub fn decode(bytes: &[u8], path: &Path, options: &ReadOptions) -> Result<Image> {
    let cx = Context { path, options };
    if bytes.len() as u64 > options.limits.file_bytes {
        return Err(cx.over("bytes of the file", bytes.len() as u64, options.limits.file_bytes));
    }
    let kind = sniff(bytes, path).map_err(|text| cx.refused(text))?;
    let decoder = match kind {
        Kind::Png => png::read,
        Kind::Jpeg => jpeg::read,
        Kind::WebP => webp::read,
        Kind::Tiff => tiff::read,
        Kind::Bmp => gif_bmp::read_bmp,
        Kind::Gif => gif_bmp::read_gif,
    };
    // Decoders of other people: what they did not foresee is an error of the file.
    let decoded = catch_unwind(AssertUnwindSafe(|| decoder(bytes, &cx)))
        .unwrap_or_else(|_| Err(cx.broken("the decoder gave up on this file")))?;
    cx.finish(decoded)
}

/// What a decoder needs to know.
pub(super) struct Context<'a> {
    pub path: &'a Path,
    pub options: &'a ReadOptions,
}

/// A picture as the file holds it.
pub(super) struct Decoded {
    pub image: Image,
    pub metadata: Metadata,
    /// The orientation that something else than the EXIF block states.
    pub orientation: Option<u8>,
}

impl Decoded {
    pub fn plain(image: Image) -> Decoded {
        Decoded { image, metadata: Metadata::default(), orientation: None }
    }
}

impl Context<'_> {
    pub fn broken(&self, text: impl std::fmt::Display) -> VisionError {
        VisionError::Picture { path: self.path.to_owned(), text: text.to_string() }
    }

    pub fn refused(&self, text: impl Into<String>) -> VisionError {
        VisionError::Unsupported { path: self.path.to_owned(), text: text.into() }
    }

    pub fn over(&self, what: &str, got: u64, limit: u64) -> VisionError {
        VisionError::Limit { what: format!("{}: {what}", self.path.display()), got, limit }
    }

    pub fn warn(&self, text: impl std::fmt::Display) {
        log::warn!("{}: {text}", self.path.display());
    }

    /// Several frames or pages: an error that names them, unless the first is asked for.
    pub fn first_of_several(&self, what: &str) -> Result<()> {
        if self.options.first_frame {
            return Ok(());
        }
        Err(self.refused(format!("{what}; only still pictures of one page are read, or the first with --first-frame")))
    }

    /// Sizes beyond the limits are refused before anything is allocated for them.
    pub fn check_size(&self, width: u64, height: u64) -> Result<()> {
        self.check_size_within(width, height, self.options.limits.pixels)
    }

    /// [`Context::check_size`] with another number of pixels.
    pub fn check_size_within(&self, width: u64, height: u64, most: u64) -> Result<()> {
        let limits = &self.options.limits;
        if width == 0 || height == 0 {
            return Err(self.broken(format!("a picture of {width}x{height} pixels")));
        }
        let side = width.max(height);
        if side > u64::from(limits.side_px) {
            return Err(self.over("longer side in pixels", side, limits.side_px.into()));
        }
        let pixels = width.saturating_mul(height);
        if pixels > most {
            return Err(self.over("pixels", pixels, most));
        }
        Ok(())
    }

    /// The bytes that a decoder may allocate: sixteen a pixel is the largest kind, and a second copy.
    pub fn memory_bytes(&self) -> u64 {
        self.options.limits.pixels.saturating_mul(32)
    }

    /// Turns the picture upright and makes its metadata say so.
    fn finish(&self, decoded: Decoded) -> Result<Image> {
        let Decoded { image, metadata, orientation } = decoded;
        self.check_finite(image.planes(), image.depth(), 0)?;
        let (metadata, asked) = self.upright(metadata, orientation);
        let (channels, depth) = (image.channels(), image.depth());
        let planes = orientation::upright(image.into_planes(), asked);
        Ok(self.described(Image::new(planes, channels, depth)?, metadata))
    }

    /// Floats of rows from `first` on must be numbers.
    pub fn check_finite(&self, planes: &Planes, depth: Depth, first: usize) -> Result<()> {
        let bad = if depth == Depth::F32 { planes.data().iter().position(|v| !v.is_finite()) } else { None };
        let Some(i) = bad else { return Ok(()) };
        let (x, y) = (i % planes.width(), first + i / planes.width() % planes.height());
        Err(self.broken(format!("the sample at ({x}, {y}) is not a finite number")))
    }

    /// The metadata of the upright picture, and the orientation that the file asks for; `stated` is one that something else
    /// than the EXIF block states.
    pub fn upright(&self, mut metadata: Metadata, stated: Option<u8>) -> (Metadata, u8) {
        let asked = stated.or_else(|| metadata.exif.as_deref().and_then(exif::orientation)).unwrap_or(1);
        if let Some(block) = &mut metadata.exif {
            exif::reset_orientation(block);
            exif::drop_thumbnail(block);
        }
        if let Some(packet) = metadata.xmp.take() {
            match xmp::refers_elsewhere(&packet) {
                Some(what) => self.warn(format!("XMP is dropped: it describes further pictures in the file ({what})")),
                None => metadata.xmp = Some(xmp::upright(&packet)),
            }
        }
        if asked >= 5 {
            metadata.density = metadata.density.map(|(x, y)| (y, x));
        }
        (metadata, asked)
    }

    /// The picture with its metadata.
    pub fn described(&self, image: Image, metadata: Metadata) -> Image {
        let (channels, had_icc) = (image.channels(), metadata.icc.is_some());
        let image = image.with_metadata(metadata);
        if had_icc && image.icc().is_none() {
            self.warn(format!("the ICC profile is for another colour space than {channels:?} and dropped"));
        }
        image
    }
}
