use std::io::{Seek, Write};

use flate2::Compression;
use flate2::write::ZlibEncoder;
use tiff::encoder::{DirectoryEncoder, Rational, TiffEncoder, TiffKind};
use tiff::tags::{
    CompressionMethod, ExtraSamples, PhotometricInterpretation, Predictor, ResolutionUnit, SampleFormat, Tag, Type,
};
use tiff::{Directory, TiffError};

use super::write::PutSamples;
use crate::error::{Result, VisionError};
use crate::image::{Depth, Head};
use crate::metadata::{Field, Metadata, exif};
use crate::quantize::Samples;

const EXIF: Tag = Tag::ExifDirectory;
const GPS: Tag = Tag::GpsDirectory;
const INTEROP: Tag = Tag::Unknown(0xa005);
const XMP: Tag = Tag::Unknown(700);

/// Bytes of a strip before it is deflated, at least.
const STRIP_BYTES: usize = 1_000_000;

/// Bytes of samples beyond which offsets need 64 bits, with room for what stands beside them.
const CLASSIC_BYTES: u64 = 3 << 30;

/// Writes rows as `fill` hands them over, interleaved: deflated, whole numbers as differences; BigTIFF where offsets ask for
/// it.
pub fn write_rows<W: Write + Seek, T, E: From<VisionError>>(
    out: W,
    head: &Head,
    depth: Depth,
    bad: &dyn Fn(String) -> VisionError,
    fill: impl FnOnce(&mut PutSamples<'_>) -> Result<T, E>,
) -> Result<T, E> {
    let text = |e: TiffError| bad(e.to_string());
    let bytes = (head.width * head.channels.count()) as u64 * head.height as u64 * (bits(depth) / 8) as u64;
    if bytes > CLASSIC_BYTES {
        page(TiffEncoder::new_big(out).map_err(text)?, head, depth, bad, fill)
    } else {
        page(TiffEncoder::new(out).map_err(text)?, head, depth, bad, fill)
    }
}

fn bits(depth: Depth) -> usize {
    match depth {
        Depth::U8 => 8,
        Depth::U16 => 16,
        Depth::F32 => 32,
    }
}

fn page<W: Write + Seek, K: TiffKind, T, E: From<VisionError>>(
    mut encoder: TiffEncoder<W, K>,
    head: &Head,
    depth: Depth,
    bad: &dyn Fn(String) -> VisionError,
    fill: impl FnOnce(&mut PutSamples<'_>) -> Result<T, E>,
) -> Result<T, E> {
    let text = |e: TiffError| bad(e.to_string());
    let [main, pointers] = directories(&mut encoder, &head.metadata).map_err(text)?;
    let mut page = encoder.image_directory().map_err(text)?;
    let channels = head.channels.count();
    let row_bytes = head.width * channels * bits(depth) / 8;
    let rows_per_strip = STRIP_BYTES.div_ceil(row_bytes).min(head.height);
    tags(&mut page, head, depth, rows_per_strip).map_err(text)?;
    put(&mut page, &main).and_then(|()| put(&mut page, &pointers)).map_err(text)?;
    // What the picture says counts, not what EXIF says.
    if let Some((x, y)) = head.metadata.density {
        resolution(&mut page, ResolutionUnit::Inch, rational(x), rational(y)).map_err(text)?;
    }
    let (mut offsets, mut counts) = (Vec::new(), Vec::new());
    let mut strip: Vec<u8> = Vec::new();
    let mut end = |strip: &[u8]| -> Result<(), TiffError> {
        let mut deflated = ZlibEncoder::new(Vec::new(), Compression::default());
        deflated.write_all(strip)?;
        let deflated = deflated.finish()?;
        offsets.push(K::convert_offset(page.write_data(&deflated[..])?)?);
        counts.push(K::OffsetType::try_from(deflated.len())?);
        Ok(())
    };
    let result = fill(&mut |samples| {
        match samples {
            Samples::U8(v) => rows(&mut strip, v, head, |a, b| a.wrapping_sub(b), |v| v.to_ne_bytes()),
            Samples::U16(v) => rows(&mut strip, v, head, |a, b| a.wrapping_sub(b), |v| v.to_ne_bytes()),
            Samples::F32(v) => strip.extend(v.iter().flat_map(|v| v.to_ne_bytes())),
        }
        let whole = rows_per_strip * row_bytes;
        let mut at = 0;
        while strip.len() - at >= whole {
            end(&strip[at..at + whole]).map_err(text)?;
            at += whole;
        }
        strip.drain(..at);
        Ok(())
    })?;
    if !strip.is_empty() {
        end(&strip).map_err(text)?;
    }
    page.write_tag(Tag::StripOffsets, K::convert_slice(&offsets)).map_err(text)?;
    page.write_tag(Tag::StripByteCounts, K::convert_slice(&counts)).map_err(text)?;
    page.finish().map_err(text)?;
    Ok(result)
}

/// Appends the bytes of rows of differences between samples of one channel.
fn rows<T: Copy, const N: usize>(
    to: &mut Vec<u8>,
    samples: &[T],
    head: &Head,
    less: impl Fn(T, T) -> T,
    bytes: impl Fn(T) -> [u8; N],
) {
    let channels = head.channels.count();
    for row in samples.chunks_exact(head.width * channels) {
        let (first, rest) = row.split_at(channels);
        to.extend(first.iter().flat_map(|v| bytes(*v)));
        to.extend(rest.iter().zip(row).flat_map(|(v, before)| bytes(less(*v, *before))));
    }
}

fn tags<W: Write + Seek, K: TiffKind>(
    page: &mut DirectoryEncoder<'_, W, K>,
    head: &Head,
    depth: Depth,
    rows_per_strip: usize,
) -> Result<(), TiffError> {
    let channels = head.channels.count();
    let floats = depth == Depth::F32;
    let format = if floats { SampleFormat::IEEEFP } else { SampleFormat::Uint };
    let predictor = if floats { Predictor::None } else { Predictor::Horizontal };
    let color = head.channels.is_color();
    let kind = if color { PhotometricInterpretation::RGB } else { PhotometricInterpretation::BlackIsZero };
    page.write_tag(Tag::ImageWidth, head.width as u32)?;
    page.write_tag(Tag::ImageLength, head.height as u32)?;
    page.write_tag(Tag::Compression, CompressionMethod::Deflate.to_u16())?;
    page.write_tag(Tag::Predictor, predictor.to_u16())?;
    page.write_tag(Tag::PhotometricInterpretation, kind.to_u16())?;
    page.write_tag(Tag::RowsPerStrip, rows_per_strip as u32)?;
    page.write_tag(Tag::SamplesPerPixel, channels as u16)?;
    page.write_tag(Tag::BitsPerSample, &vec![bits(depth) as u16; channels][..])?;
    page.write_tag(Tag::SampleFormat, &vec![format.to_u16(); channels][..])?;
    if head.channels.has_alpha() {
        page.write_tag(Tag::ExtraSamples, &[ExtraSamples::UnassociatedAlpha.to_u16()][..])?;
    }
    let metadata = &head.metadata;
    resolution(page, ResolutionUnit::None, Rational { n: 1, d: 1 }, Rational { n: 1, d: 1 })?;
    if let Some(icc) = &metadata.icc {
        put(page, &[(Tag::IccProfile, Type::UNDEFINED, icc.clone())])?;
    }
    if let Some(packet) = &metadata.xmp {
        put(page, &[(XMP, Type::BYTE, packet.clone())])?;
    }
    Ok(())
}

fn resolution<W: Write + Seek, K: TiffKind>(
    page: &mut DirectoryEncoder<'_, W, K>,
    unit: ResolutionUnit,
    x: Rational,
    y: Rational,
) -> Result<(), TiffError> {
    page.write_tag(Tag::ResolutionUnit, unit.to_u16())?;
    page.write_tag(Tag::XResolution, x)?;
    page.write_tag(Tag::YResolution, y)
}

type Entry = (Tag, Type, Vec<u8>);

/// What EXIF says about the picture, and the pointers to the directories that this writes: GPS, interoperability, EXIF.
fn directories<W: Write + Seek, K: TiffKind>(
    encoder: &mut TiffEncoder<W, K>,
    metadata: &Metadata,
) -> Result<[Vec<Entry>; 2], TiffError> {
    let Some([main, exif, gps, interop]) = metadata.exif.as_deref().and_then(exif::to_tiff) else {
        return Ok([Vec::new(), Vec::new()]);
    };
    let mut write = |pointer: Tag, entries: Vec<Entry>| {
        if entries.is_empty() {
            return Ok(None);
        }
        let mut directory = encoder.extra_directory()?;
        put(&mut directory, &entries)?;
        let at = directory.finish_with_offsets()?.pointer.0 as u32;
        Ok::<_, TiffError>(Some((pointer, Type::LONG, at.to_ne_bytes().to_vec())))
    };
    let mut pointers = Vec::new();
    pointers.extend(write(GPS, entries(&gps))?);
    let mut exif = entries(&exif);
    exif.extend(write(INTEROP, entries(&interop))?);
    pointers.extend(write(EXIF, exif)?);
    Ok([entries(&main), pointers])
}

fn put<W, K>(directory: &mut DirectoryEncoder<'_, W, K>, entries: &[Entry]) -> Result<(), TiffError>
where
    W: std::io::Write + std::io::Seek,
    K: TiffKind,
{
    let mut all = Directory::empty();
    for (tag, ty, value) in entries {
        all.extend([(*tag, directory.write_entry_bytes(*ty, value)?)]);
        // Values begin at even offsets.
        if value.len() > 4 && value.len() % 2 == 1 {
            directory.write_data(&[0u8][..])?;
        }
    }
    directory.extend_from(&all);
    Ok(())
}

fn entries(fields: &[Field]) -> Vec<Entry> {
    let entry = |f: &Field| Some((Tag::from_u16_exhaustive(f.tag), Type::from_u16(f.kind)?, f.value.clone()));
    fields.iter().filter_map(entry).collect()
}

/// To a thousandth.
fn rational(v: f64) -> Rational {
    Rational { n: (v * 1000.0).round().clamp(0.0, f64::from(u32::MAX)) as u32, d: 1000 }
}
