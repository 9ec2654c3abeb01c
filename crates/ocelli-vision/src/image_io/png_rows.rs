use std::fs::File;
use std::io::{self, BufReader, Cursor, Read, Seek, SeekFrom};

use png::{BitDepth, ColorType, Limits, Transformations};

use super::png::{CHUNK_BYTES, metadata};
use super::read::Context;
use super::rows::{Begun, DecodeRows, Start};
use crate::error::Result;
use crate::image::{Channels, Depth, Image};
use crate::planes::Planes;

const SIGNATURE_BYTES: usize = 8;

/// An empty chunk of rows, with its checksum.
const NO_ROWS: &[u8; 12] = b"\0\0\0\0IDAT\x35\xaf\x06\x1e";

/// Rows that are handed over at once.
const ROWS: usize = 16;

/// Texts and EXIF may stand behind the rows: they are read before.
pub fn begin(mut file: BufReader<File>, cx: &Context<'_>) -> Result<Begun> {
    let bad = |e: png::DecodingError| cx.broken(e);
    let chunks = beside_rows(&mut file).map_err(|e| cx.broken(e))?;
    let limits = Limits { bytes: CHUNK_BYTES };
    let mut decoder = png::Decoder::new_with_limits(Cursor::new(chunks), limits);
    decoder.set_transformations(Transformations::EXPAND);
    let described = decoder.read_info().map_err(bad)?;
    let info = described.info();
    let whole = |reason: &str| Ok(Begun::Whole(reason.to_owned()));
    if info.interlaced {
        return whole("it is interlaced");
    }
    if info.animation_control.is_some() {
        return whole("it is animated");
    }
    let (color, bits) = described.output_color_type();
    let channels = match color {
        ColorType::Grayscale => Channels::Gray,
        ColorType::Rgb => Channels::Rgb,
        ColorType::GrayscaleAlpha | ColorType::Rgba => return whole("it has alpha"),
        ColorType::Indexed => return Err(cx.broken("a palette that was not expanded")),
    };
    let depth = if bits == BitDepth::Sixteen { Depth::U16 } else { Depth::U8 };
    let (width, height) = (info.width as usize, info.height as usize);
    let metadata = metadata(info, channels, cx)?;
    file.seek(SeekFrom::Start(0)).map_err(|e| cx.broken(e))?;
    let mut decoder = png::Decoder::new_with_limits(file, limits);
    decoder.set_transformations(Transformations::EXPAND);
    let reader = decoder.read_info().map_err(bad)?;
    let decoder = Box::new(Rows { reader, channels, depth, width, left: height });
    Ok(Begun::Rows(Start { width, height, channels, depth, metadata, orientation: None, decoder }))
}

/// The file without its rows, as far as it goes: a file that is cut off is told of when its rows are read.
fn beside_rows(file: &mut BufReader<File>) -> io::Result<Vec<u8>> {
    let mut out = vec![0; SIGNATURE_BYTES];
    file.read_exact(&mut out)?;
    loop {
        let mut begin = [0; 8];
        if file.read_exact(&mut begin).is_err() {
            break;
        }
        let [a, b, c, d, kind @ ..] = begin;
        let bytes = u64::from(u32::from_be_bytes([a, b, c, d])) + 4;
        match &kind {
            b"IEND" => break,
            b"IDAT" | b"fdAT" => file.seek_relative(bytes as i64)?,
            _ => {
                if out.len() as u64 + bytes > CHUNK_BYTES as u64 {
                    return Err(io::Error::other(format!("more than {CHUNK_BYTES} bytes beside the rows")));
                }
                out.extend(begin);
                let got = file.by_ref().take(bytes).read_to_end(&mut out)?;
                if (got as u64) < bytes {
                    out.truncate(out.len() - got - begin.len());
                    break;
                }
            }
        }
    }
    out.extend(NO_ROWS);
    Ok(out)
}

struct Rows {
    reader: png::Reader<BufReader<File>>,
    channels: Channels,
    depth: Depth,
    width: usize,
    left: usize,
}

impl DecodeRows for Rows {
    fn next(&mut self, cx: &Context<'_>) -> Result<Planes> {
        let n = self.left.min(ROWS);
        let mut bytes = Vec::new();
        for _ in 0..n {
            let row = self.reader.next_row().map_err(|e| cx.broken(e))?;
            bytes.extend_from_slice(row.ok_or_else(|| cx.broken("rows are missing"))?.data());
        }
        self.left -= n;
        let image = if self.depth == Depth::U16 {
            let wide: Vec<u16> = bytes.chunks_exact(2).map(|b| u16::from_be_bytes([b[0], b[1]])).collect();
            Image::from_u16(self.width, n, self.channels, &wide)?
        } else {
            Image::from_u8(self.width, n, self.channels, &bytes)?
        };
        Ok(image.into_planes())
    }

    fn end(&mut self, cx: &Context<'_>) -> Result<()> {
        self.reader.finish().map_err(|e| cx.broken(e))
    }
}
