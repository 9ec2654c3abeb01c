//! Pictures that are read row by row, so that no more than a few rows are held.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use super::kinds::{Kind, sniff};
use super::read::{Context, ReadOptions};
use super::{png_rows, tiff_rows};
use crate::error::{Result, VisionError};
use crate::image::{Channels, Depth, Head, Image};
use crate::metadata::Metadata;
use crate::planes::Planes;

/// A file that was looked at for reading it row by row.
pub enum Opened {
    /// It can be.
    Rows(Box<RowReader>),
    /// It cannot be, for this reason.
    Whole(String),
}

/// A picture that is read row by row from the top.
pub struct RowReader {
    path: PathBuf,
    options: ReadOptions,
    head: Head,
    /// Metadata before a conversion to sRGB.
    source: Option<Metadata>,
    at: usize,
    decoder: Box<dyn DecodeRows>,
}

/// A decoder of rows.
pub(super) trait DecodeRows: Send {
    /// The next rows, as many as come at once; not called after the last.
    fn next(&mut self, cx: &Context<'_>) -> Result<Planes>;
    /// Reads what stands behind the last row.
    fn end(&mut self, cx: &Context<'_>) -> Result<()>;
}

/// What a format tells before the first row.
pub(super) enum Begun {
    Rows(Start),
    Whole(String),
}

pub(super) struct Start {
    pub width: usize,
    pub height: usize,
    pub channels: Channels,
    pub depth: Depth,
    pub metadata: Metadata,
    /// The orientation that something else than the EXIF block states.
    pub orientation: Option<u8>,
    pub decoder: Box<dyn DecodeRows>,
}

/// Opens a picture to be read row by row: PNG without interlacing and TIFF of whole pixels in strips or tiles, of grey or RGB
/// without alpha, upright, and still.
///
/// Errors: what cannot be read as a whole either.
pub fn open_rows(path: impl AsRef<Path>, options: &ReadOptions) -> Result<Opened> {
    let path = path.as_ref();
    let io = |source| VisionError::Io { path: path.to_owned(), source };
    let cx = Context { path, options };
    let mut file = File::open(path).map_err(io)?;
    let mut first = Vec::new();
    (&mut file).take(64).read_to_end(&mut first).map_err(io)?;
    file.seek(SeekFrom::Start(0)).map_err(io)?;
    let file = BufReader::with_capacity(1 << 18, file);
    let begin = match sniff(&first, path).map_err(|text| cx.refused(text))? {
        Kind::Png => png_rows::begin,
        Kind::Tiff => tiff_rows::begin,
        _ => return Ok(Opened::Whole("only PNG and TIFF are read row by row".to_owned())),
    };
    let begun = guarded(&cx, || begin(file, &cx))?;
    let start = match begun {
        Begun::Rows(start) => start,
        Begun::Whole(reason) => return Ok(Opened::Whole(reason)),
    };
    cx.check_size_within(start.width as u64, start.height as u64, options.limits.row_pixels)?;
    let (metadata, asked) = cx.upright(start.metadata, start.orientation);
    if asked != 1 {
        return Ok(Opened::Whole("it is stored turned".to_owned()));
    }
    // One pixel stands for the picture.
    let pixel = Image::new(Planes::filled(start.channels.count(), 1, 1, 0.0), start.channels, start.depth)?;
    let head = Head { width: start.width, height: start.height, ..cx.described(pixel, metadata).head() };
    Ok(Opened::Rows(Box::new(RowReader {
        path: path.to_owned(),
        options: *options,
        head,
        source: None,
        at: 0,
        decoder: start.decoder,
    })))
}

/// Decoders of other people: what they did not foresee is an error of the file.
fn guarded<T>(cx: &Context<'_>, f: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(f)).unwrap_or_else(|_| Err(cx.broken("the decoder gave up on this file")))
}

impl RowReader {
    /// What is known of the picture.
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// The same picture in sRGB, as [`Image::into_srgb`] makes it.
    ///
    /// Errors: the profile cannot be read.
    pub fn into_srgb(mut self) -> Result<RowReader> {
        if self.head.metadata.icc.is_none() {
            return Ok(self);
        }
        let converted = self.image(Planes::filled(self.head.channels.count(), 1, 1, 0.0))?.into_srgb()?;
        self.source = Some(std::mem::replace(&mut self.head.metadata, converted.metadata().clone()));
        Ok(self)
    }

    fn image(&self, rows: Planes) -> Result<Image> {
        let metadata = self.source.as_ref().unwrap_or(&self.head.metadata).clone();
        Ok(Image::new(rows, self.head.channels, self.head.depth)?.with_metadata(metadata))
    }

    /// The next rows, as many as come at once; `None` after the last.
    ///
    /// Errors: the file is cut off or broken; a float is not a number.
    pub fn next_rows(&mut self) -> Result<Option<Planes>> {
        let cx = Context { path: &self.path, options: &self.options };
        if self.at >= self.head.height {
            return Ok(None);
        }
        let decoder = &mut self.decoder;
        let rows = guarded(&cx, || decoder.next(&cx))?;
        if self.at + rows.height() > self.head.height || rows.width() != self.head.width {
            return Err(cx.broken(format!("{} rows of {} pixels at row {}", rows.height(), rows.width(), self.at)));
        }
        cx.check_finite(&rows, self.head.depth, self.at)?;
        self.at += rows.height();
        if self.at == self.head.height {
            guarded(&cx, || decoder.end(&cx))?;
        }
        if self.source.is_none() {
            return Ok(Some(rows));
        }
        Ok(Some(self.image(rows)?.into_srgb()?.into_planes()))
    }
}
