//! Which format a file is, by its first bytes and its ending.

use std::path::Path;

use crate::error::{Result, VisionError};
use crate::image::Depth;

/// A format that is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// 8 or 16 bits, alpha, all metadata.
    Png,
    /// 8 bits, lossy, no alpha.
    Jpeg,
    /// 8 bits, alpha; written without loss.
    WebP,
    /// 8 or 16 bits or floats, alpha.
    Tiff,
    /// 8 bits, no metadata.
    Bmp,
}

impl Format {
    /// The largest depth that the format holds, as it is written here.
    pub fn deepest(self) -> Depth {
        match self {
            Format::Tiff => Depth::F32,
            Format::Png => Depth::U16,
            Format::Jpeg | Format::WebP | Format::Bmp => Depth::U8,
        }
    }

    /// Its usual ending.
    pub fn ending(self) -> &'static str {
        match self {
            Format::Png => "png",
            Format::Jpeg => "jpg",
            Format::WebP => "webp",
            Format::Tiff => "tif",
            Format::Bmp => "bmp",
        }
    }

    /// The format that an ending in lower case names.
    pub fn of_ending(ending: &str) -> Option<Format> {
        match ending {
            "png" => Some(Format::Png),
            "jpg" | "jpeg" => Some(Format::Jpeg),
            "webp" => Some(Format::WebP),
            "tif" | "tiff" => Some(Format::Tiff),
            "bmp" => Some(Format::Bmp),
            _ => None,
        }
    }
}

impl std::fmt::Display for Format {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Format::Png => "PNG",
            Format::Jpeg => "JPEG",
            Format::WebP => "WebP",
            Format::Tiff => "TIFF",
            Format::Bmp => "BMP",
        })
    }
}

fn ending(path: &Path) -> String {
    path.extension().map(|e| e.to_string_lossy().to_lowercase()).unwrap_or_default()
}

/// The format that the ending of `path` names.
pub fn format_of(path: &Path) -> Result<Format> {
    let ending = ending(path);
    Format::of_ending(&ending).ok_or_else(|| {
        let text = match ending.as_str() {
            "gif" => "GIF is read but not written: it holds 256 colours".to_owned(),
            "" => "the name has no ending".to_owned(),
            other => format!("the ending '{other}' names no picture format that is written"),
        };
        let text = format!("{text}; use one of {}", super::WRITE_ENDINGS.join(", "));
        VisionError::Unsupported { path: path.to_owned(), text }
    })
}

/// A format that is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Png,
    Jpeg,
    WebP,
    Tiff,
    Bmp,
    Gif,
}

/// Endings of raw files, which are TIFF with a small preview in front, and what they are.
const RAW: [(&str, &str); 16] = [
    ("dng", "a DNG raw file"),
    ("nef", "a Nikon raw file"),
    ("nrw", "a Nikon raw file"),
    ("arw", "a Sony raw file"),
    ("sr2", "a Sony raw file"),
    ("cr2", "a Canon raw file"),
    ("cr3", "a Canon raw file"),
    ("crw", "a Canon raw file"),
    ("orf", "an Olympus raw file"),
    ("rw2", "a Panasonic raw file"),
    ("raf", "a Fujifilm raw file"),
    ("pef", "a Pentax raw file"),
    ("srw", "a Samsung raw file"),
    ("3fr", "a Hasselblad raw file"),
    ("iiq", "a Phase One raw file"),
    ("erf", "an Epson raw file"),
];

/// First bytes of formats that are not read: offset, bytes, name.
const OTHERS: [(usize, &[u8], &str); 25] = [
    (4, b"ftypheic", "HEIC"),
    (4, b"ftypheix", "HEIC"),
    (4, b"ftyphevc", "HEIC"),
    (4, b"ftypmif1", "HEIF"),
    (4, b"ftypmsf1", "HEIF"),
    (4, b"ftypavif", "AVIF"),
    (4, b"ftypavis", "AVIF"),
    (4, b"ftypcrx ", "a Canon raw file"),
    (0, b"FUJIFILMCCD-RAW", "a Fujifilm raw file"),
    (0, b"IIRO", "an Olympus raw file"),
    (0, b"IIRS", "an Olympus raw file"),
    (0, b"MMOR", "an Olympus raw file"),
    (0, b"IIU\0", "a Panasonic raw file"),
    (0, b"\xff\x0a", "JPEG XL"),
    (0, b"\0\0\0\x0cJXL ", "JPEG XL"),
    (0, b"\0\0\0\x0cjP  ", "JPEG 2000"),
    (0, b"\xff\x4f\xff\x51", "JPEG 2000"),
    (0, b"8BPS", "Photoshop"),
    (0, b"\x76\x2f\x31\x01", "OpenEXR"),
    (0, b"#?RADIANCE", "Radiance HDR"),
    (0, b"%PDF", "PDF"),
    (0, b"\0\0\x01\0", "an icon"),
    (0, b"qoif", "QOI"),
    (0, b"DDS ", "DirectDraw surface"),
    (0, b"<svg", "SVG"),
];

/// Endings of pictures that are not read, in lower case.
pub const UNREAD_ENDINGS: [&str; 32] = [
    "heic", "heif", "avif", "jxl", "jp2", "j2k", "jpf", "psd", "exr", "hdr", "ico", "qoi", "dds", "svg", "tga", "ppm",
    "pgm", "pnm", "pfm", "dng", "nef", "nrw", "arw", "cr2", "cr3", "crw", "orf", "rw2", "raf", "pef", "srw", "3fr",
];

/// The format of a file, or the name of what is not read.
pub(super) fn sniff(bytes: &[u8], path: &Path) -> Result<Kind, String> {
    let begins = |at: usize, with: &[u8]| bytes.get(at..).is_some_and(|b| b.starts_with(with));
    let only = "PNG, JPEG, WebP, TIFF, BMP and GIF are read";
    if let Some((_, _, name)) = OTHERS.iter().find(|(at, with, _)| begins(*at, with)) {
        return Err(format!("{name}: not read; {only}"));
    }
    let kind = if begins(0, b"\x89PNG\r\n\x1a\n") {
        Kind::Png
    } else if begins(0, b"\xff\xd8\xff") {
        Kind::Jpeg
    } else if begins(0, b"RIFF") && begins(8, b"WEBP") {
        Kind::WebP
    } else if [&b"II*\0"[..], b"MM\0*", b"II+\0", b"MM\0+"].iter().any(|m| begins(0, m)) {
        let raw = RAW.iter().find(|(end, _)| *end == ending(path)).map(|r| r.1);
        if let Some(name) = raw.or(begins(8, b"CR\x02").then_some("a Canon raw file")) {
            return Err(format!("{name}: not read; develop it to TIFF or PNG first"));
        }
        Kind::Tiff
    } else if begins(0, b"BM") {
        Kind::Bmp
    } else if begins(0, b"GIF8") {
        Kind::Gif
    } else if bytes.is_empty() {
        return Err("the file is empty".to_owned());
    } else {
        return Err(format!("not a picture of a kind that is read; {only}"));
    };
    Ok(kind)
}
