use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};

use tiff::decoder::{ChunkType, Decoder};
use tiff::tags::Tag;
use tiff::{ColorType, TiffError};

use super::read::Context;
use super::rows::{Begun, DecodeRows, Start};
use super::tiff::{metadata, number, open, pages, planar, refuse_raw, values};
use crate::error::Result;
use crate::image::{Channels, Depth};
use crate::planes::Planes;

/// Most bytes of a strip, or of a row of tiles, that is still a part of the picture.
const PART_BYTES: u64 = 64 << 20;

/// Most bytes beside the samples.
const BESIDE_BYTES: u64 = 64 << 20;

pub fn begin(file: BufReader<File>, cx: &Context<'_>) -> Result<Begun> {
    let bad = |e: TiffError| cx.broken(e);
    let whole = |reason: &str| Ok(Begun::Whole(reason.to_owned()));
    let bytes = file.get_ref().metadata().map_err(|e| cx.broken(e))?.len();
    let mut decoder = open(file, usize::try_from(bytes).unwrap_or(usize::MAX), cx)?;
    let (width, height) = decoder.dimensions().map_err(bad)?;
    cx.check_size_within(width.into(), height.into(), cx.options.limits.row_pixels)?;
    refuse_raw(&mut decoder, cx)?;
    // Palettes, ink, and luma with chroma are expanded.
    if number(&mut decoder, Tag::PhotometricInterpretation).is_some_and(|kind| kind > 2) {
        return whole("its samples are not grey or RGB");
    }
    let color = decoder.colortype().map_err(bad)?;
    let (channels, bits) = match color {
        ColorType::Gray(bits @ (8 | 16 | 32)) => (Channels::Gray, bits),
        ColorType::RGB(bits @ (8 | 16 | 32)) => (Channels::Rgb, bits),
        ColorType::GrayA(_) | ColorType::RGBA(_) | ColorType::Multiband { .. } => return whole("it has alpha"),
        _ => return whole("its samples are not grey or RGB of 8, 16 or 32 bits"),
    };
    let of = |decoder: &mut Decoder<_>, tag, default| number(decoder, tag).unwrap_or(default);
    let samples = of(&mut decoder, Tag::SamplesPerPixel, 1) as usize;
    if samples != channels.count() || of(&mut decoder, Tag::PlanarConfiguration, 1) != 1 {
        return whole("its pixels are not grey or RGB alone, one after the other");
    }
    let (chunk_w, chunk_h) = decoder.chunk_dimensions();
    let across = if decoder.get_chunk_type() == ChunkType::Tile { width.div_ceil(chunk_w.max(1)) } else { 1 };
    let part = u64::from(chunk_h.min(height)) * u64::from(width) * samples as u64 * u64::from(bits / 8);
    if part > PART_BYTES {
        return whole("its strips are too large");
    }
    let orientation = number(&mut decoder, Tag::Orientation).and_then(|v| u8::try_from(v).ok());
    let Some(beside) = beside_samples(&mut decoder, bytes).map_err(|e| cx.broken(e))? else {
        return whole("too much stands beside its samples");
    };
    let metadata = metadata(&mut decoder, &beside, cx)?;
    drop(beside);
    if pages(&mut decoder).map_err(bad)? > 1 {
        cx.first_of_several("a TIFF of several pages")?;
    }
    decoder.seek_to_image(0).map_err(bad)?;
    let (width, height) = (width as usize, height as usize);
    // Depth is what the samples make of it.
    let mut rows = Rows { decoder, channels, bits, width, across, at: 0, ready: None };
    let (first, depth) = rows.read(cx)?;
    rows.ready = Some(first);
    Ok(Begun::Rows(Start { width, height, channels, depth, metadata, orientation, decoder: Box::new(rows) }))
}

/// The bytes of the file with zeros, which take no memory until they are looked at, in the place of samples; `None` where
/// there is too much else.
fn beside_samples(decoder: &mut Decoder<BufReader<File>>, bytes: u64) -> Result<Option<Vec<u8>>, TiffError> {
    let tiles = decoder.get_chunk_type() == ChunkType::Tile;
    let (offsets, counts) =
        if tiles { (Tag::TileOffsets, Tag::TileByteCounts) } else { (Tag::StripOffsets, Tag::StripByteCounts) };
    let starts = decoder.get_tag_u64_vec(offsets)?;
    let counts = decoder.get_tag_u64_vec(counts)?;
    let mut samples: Vec<(u64, u64)> =
        starts.into_iter().zip(counts).map(|(at, n)| (at.min(bytes), at.saturating_add(n).min(bytes))).collect();
    samples.sort_unstable();
    samples.push((bytes, bytes));
    let mut beside = Vec::new();
    let mut at = 0;
    for (start, end) in samples {
        if start > at {
            beside.push((at, start));
        }
        at = at.max(end);
    }
    if beside.iter().map(|(a, b)| b - a).sum::<u64>() > BESIDE_BYTES {
        return Ok(None);
    }
    let mut out = vec![0; usize::try_from(bytes)?];
    let file = decoder.inner();
    let before = file.stream_position()?;
    for (start, end) in beside {
        file.seek(SeekFrom::Start(start))?;
        let part = out.get_mut(start as usize..end as usize).ok_or_else(|| io::Error::other("the file changed"))?;
        file.read_exact(part)?;
    }
    file.seek(SeekFrom::Start(before))?;
    Ok(Some(out))
}

struct Rows {
    decoder: Decoder<BufReader<File>>,
    channels: Channels,
    bits: u8,
    width: usize,
    /// Tiles beside each other.
    across: u32,
    /// Strips, or rows of tiles, that have been read.
    at: u32,
    ready: Option<Planes>,
}

impl Rows {
    fn read(&mut self, cx: &Context<'_>) -> Result<(Planes, Depth)> {
        let mut joined: Option<(Planes, Depth)> = None;
        for column in 0..self.across {
            let index = self.at * self.across + column;
            let (w, h) = self.decoder.chunk_data_dimensions(index);
            let samples = self.decoder.read_chunk(index).map_err(|e: TiffError| cx.broken(e))?;
            let (w, h) = (w as usize, h as usize);
            let (values, depth) = values(&samples, self.bits, w, h, cx)?;
            if values.len() != w * h * self.channels.count() {
                return Err(cx.broken(format!("{} samples in a part of {w}x{h} pixels", values.len())));
            }
            let part = planar(&values, self.channels.count(), w, h, false)?;
            if self.across == 1 {
                joined = Some((part, depth));
                break;
            }
            let width = self.width;
            let (row, _) = joined.get_or_insert_with(|| (Planes::filled(part.channels(), h, width, 0.0), depth));
            let x = column as usize * self.decoder.chunk_dimensions().0 as usize;
            row.paste(&part, x, 0);
        }
        self.at += 1;
        joined.ok_or_else(|| cx.broken("a picture without samples"))
    }
}

impl DecodeRows for Rows {
    fn next(&mut self, cx: &Context<'_>) -> Result<Planes> {
        match self.ready.take() {
            Some(rows) => Ok(rows),
            None => Ok(self.read(cx)?.0),
        }
    }

    fn end(&mut self, _: &Context<'_>) -> Result<()> {
        Ok(())
    }
}
