//! What the arguments say about reading and writing.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use ocelli::Error;
use ocelli::tasks::FileOptions;
use ocelli::vision::Depth;
use ocelli::vision::image_io::{Dither, Format, ReadOptions, WriteOptions, format_of};

use super::files::is_stream;
use crate::args::{DitherMode, FileFormat, PictureArgs, SampleDepth};

/// `--format`
pub fn format(p: &PictureArgs) -> Option<Format> {
    p.format.map(|format| match format {
        FileFormat::Png => Format::Png,
        FileFormat::Jpg => Format::Jpeg,
        FileFormat::Webp => Format::WebP,
        FileFormat::Tif => Format::Tiff,
        FileFormat::Bmp => Format::Bmp,
    })
}

fn depth(p: &PictureArgs) -> Option<Depth> {
    p.depth.map(|depth| match depth {
        SampleDepth::Eight => Depth::U8,
        SampleDepth::Sixteen => Depth::U16,
        SampleDepth::Float => Depth::F32,
    })
}

/// Bad usage: a result whose ending names no format that is written, or one that cannot hold the depth asked for.
pub fn check(output: &Path, p: &PictureArgs) -> Result<(), Error> {
    if is_stream(output) {
        return if p.json {
            Err(Error::Usage("-o -: the picture goes to standard output, where --json would go too".to_owned()))
        } else if std::io::stdout().is_terminal() {
            Err(Error::Usage("-o -: standard output is a terminal; send it to a file or a program".to_owned()))
        } else {
            check(&stream_name(p), p)
        };
    }
    let format = format_of(output).map_err(|e| Error::Usage(e.to_string()))?;
    match depth(p) {
        Some(depth) if depth > format.deepest() => Err(Error::Usage(format!(
            "{}: {format} holds no samples of {}, which --depth asks for",
            output.display(),
            depth.name()
        ))),
        _ => Ok(()),
    }
}

/// A name with the ending of what goes to standard output: that of `--format`, else PNG's.
pub fn stream_name(p: &PictureArgs) -> PathBuf {
    Path::new("stdout").with_extension(format(p).unwrap_or(Format::Png).ending())
}

/// How pictures go from file to file; a single one that may be interrupted goes row by row, however small.
pub fn file_options(p: &PictureArgs, single: bool) -> FileOptions {
    let usual = FileOptions::default();
    FileOptions {
        read: read_options(p),
        write: write_options(p),
        to_srgb: p.to_srgb,
        resume: p.resume,
        whole_bytes: if p.resume && single { 0 } else { usual.whole_bytes },
        ..usual
    }
}

/// How inputs are read.
pub fn read_options(p: &PictureArgs) -> ReadOptions {
    ReadOptions { first_frame: p.first_frame, ..ReadOptions::default() }
}

/// How results are written.
pub fn write_options(p: &PictureArgs) -> WriteOptions {
    let dither = match p.dither {
        DitherMode::Auto => Dither::Auto,
        DitherMode::None => Dither::None,
        DitherMode::Ordered => Dither::Ordered,
        DitherMode::Diffusion => Dither::Diffusion,
    };
    WriteOptions { jpeg_quality: p.quality, depth: depth(p), dither }
}
