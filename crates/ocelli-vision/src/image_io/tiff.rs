use std::io::{Cursor, Read, Seek};

use tiff::decoder::ifd::Value;
use tiff::decoder::{Decoder, DecodingResult, Limits};
use tiff::tags::Tag;
use tiff::{ColorType, TiffError};

use super::read::{Context, Decoded};
use crate::error::Result;
use crate::image::{Channels, Depth, Image};
use crate::metadata::{Directories, Metadata, exif};
use crate::planes::Planes;
use crate::profile::{self, Space};

/// Largest value of a field, in bytes; the decoder takes many times as much for it.
const VALUE_BYTES: usize = 16 << 20;

const PALETTE: u32 = 3;
const XMP: Tag = Tag::Unknown(700);
const DNG_VERSION: Tag = Tag::Unknown(50_706);

/// Whole numbers of up to 16 bits keep their depth, everything else becomes floats. Palettes are expanded, CMYK becomes
/// RGB, premultiplied colours are divided by their alpha.
pub fn read(bytes: &[u8], cx: &Context<'_>) -> Result<Decoded> {
    let bad = |e: TiffError| cx.broken(e);
    // Indices of a palette are read as if they were grey.
    let palette = Palette::of(bytes);
    let patched = palette.as_ref().map(|p| p.as_gray(bytes));
    let source = patched.as_deref().unwrap_or(bytes);
    let mut decoder = open(Cursor::new(source), source.len(), cx)?;
    let (width, height) = decoder.dimensions().map_err(bad)?;
    cx.check_size(width.into(), height.into())?;
    refuse_raw(&mut decoder, cx)?;
    let color = decoder.colortype().map_err(bad)?;
    let mut metadata = metadata(&mut decoder, bytes, cx)?;
    let orientation = number(&mut decoder, Tag::Orientation).and_then(|v| u8::try_from(v).ok());
    let premultiplied =
        decoder.find_tag_unsigned_vec::<u16>(Tag::ExtraSamples).ok().flatten().and_then(|extra| extra.first().copied());
    let mut samples = DecodingResult::U8(Vec::new());
    let layout = decoder.read_image_to_buffer(&mut samples).map_err(bad)?;
    if samples.as_buffer(0).as_bytes().len() < layout.complete_len {
        return Err(cx.broken("not all planes of the picture could be read"));
    }
    if pages(&mut decoder).map_err(bad)? > 1 {
        cx.first_of_several("a TIFF of several pages")?;
    }
    let (w, h) = (width as usize, height as usize);
    let (values, depth) = values(&samples, color.bit_depth(), w, h, cx)?;
    if let Some(palette) = palette {
        return Ok(Decoded { image: palette.expand(&values, w, h)?, metadata, orientation });
    }
    let channels = values.len() / (w * h);
    let planes = planar(&values, channels, w, h, layout.planes > 1)?;
    let alpha = matches!(premultiplied, Some(1 | 2));
    let image = match (color, channels) {
        (ColorType::Gray(_) | ColorType::Multiband { .. }, 1) => Image::new(planes, Channels::Gray, depth)?,
        (ColorType::Multiband { .. }, 2) if alpha => Image::new(planes, Channels::GrayAlpha, depth)?,
        (ColorType::RGB(_) | ColorType::YCbCr(_), 3) => Image::new(planes, Channels::Rgb, depth)?,
        (ColorType::RGBA(_), 4) => Image::new(planes, Channels::Rgba, depth)?,
        (ColorType::CMYK(_) | ColorType::CMYKA(_), 4 | 5) => {
            let icc = metadata.icc.take().filter(|icc| profile::space(icc) == Some(Space::Cmyk));
            let mut rgb = profile::cmyk_to_srgb(&planes.select(0, 4), icc.as_deref())?.map(|v| v.clamp(0.0, 1.0));
            metadata.icc = icc.map(|_| profile::srgb());
            let mut kind = Channels::Rgb;
            if channels == 5 && alpha {
                rgb = rgb.stacked(&planes.select(4, 5))?;
                kind = Channels::Rgba;
            }
            Image::new(rgb, kind, depth)?
        }
        (other, n) => return Err(cx.refused(format!("a TIFF of {n} channels of kind {other:?}"))),
    };
    let image = if premultiplied == Some(1) { divided(image)? } else { image };
    Ok(Decoded { image, metadata, orientation })
}

pub(super) fn refuse_raw<R: Read + Seek>(decoder: &mut Decoder<R>, cx: &Context<'_>) -> Result<()> {
    if number(decoder, Tag::PhotometricInterpretation).is_some_and(|p| [32_803, 34_892].contains(&p))
        || decoder.find_tag(DNG_VERSION).ok().flatten().is_some()
    {
        return Err(cx.refused("a raw file of a camera: not read; develop it to TIFF or PNG first"));
    }
    Ok(())
}

/// `bytes`: how large the file is.
pub(super) fn open<R: Read + Seek>(file: R, bytes: usize, cx: &Context<'_>) -> Result<Decoder<R>> {
    let mut limits = Limits::default();
    let most = usize::try_from(cx.memory_bytes()).unwrap_or(usize::MAX);
    limits.decoding_buffer_size = most;
    limits.intermediate_buffer_size = most;
    limits.ifd_value_size = bytes.min(VALUE_BYTES);
    let decoder = Decoder::new(file).map_err(|e| match e {
        TiffError::UnsupportedError(e) => cx.refused(format!("a TIFF of a kind that is not read: {e}")),
        e => cx.broken(e),
    })?;
    Ok(decoder.with_limits(limits))
}

pub(super) fn number<R: Read + Seek>(decoder: &mut Decoder<R>, tag: Tag) -> Option<u32> {
    decoder.find_tag_unsigned::<u32>(tag).ok().flatten()
}

/// Directories that are pages: smaller copies and masks of the first are none.
pub(super) fn pages<R: Read + Seek>(decoder: &mut Decoder<R>) -> Result<usize, TiffError> {
    const SMALLER_OR_MASK: u32 = 1 | 4;
    let mut count = 1;
    // A chain that never ends is refused by the decoder.
    while decoder.more_images() {
        decoder.next_image()?;
        if number(decoder, Tag::NewSubfileType).unwrap_or(0) & SMALLER_OR_MASK == 0 {
            count += 1;
        }
    }
    Ok(count)
}

/// `bytes` are those of the file; where the samples lie they may be others.
pub(super) fn metadata<R: Read + Seek>(decoder: &mut Decoder<R>, bytes: &[u8], cx: &Context<'_>) -> Result<Metadata> {
    let icc = decoder.find_tag(Tag::IccProfile).ok().flatten().and_then(|v| v.into_u8_vec().ok());
    let xmp = decoder.find_tag(XMP).ok().flatten().and_then(|v| v.into_u8_vec().ok());
    let unit = match number(decoder, Tag::ResolutionUnit).unwrap_or(2) {
        2 => Some(1.0),
        3 => Some(2.54),
        _ => None,
    };
    let mut per = |tag| match decoder.find_tag(tag).ok().flatten()? {
        Value::Rational(n, d) if d != 0 => Some(f64::from(n) / f64::from(d)),
        other => other.into_f64().ok(),
    };
    let density = per(Tag::XResolution).zip(per(Tag::YResolution)).zip(unit);
    let density = density.map(|((x, y), unit)| (x * unit, y * unit)).filter(|d| d.0 > 0.0 && d.1 > 0.0);
    let exif = exif::from_tiff(bytes);
    if exif.is_none() && decoder.find_tag(Tag::ExifDirectory).ok().flatten().is_some() {
        cx.warn("EXIF of a BigTIFF is not read");
    }
    Ok(Metadata { icc, exif, xmp, density, ..Metadata::default() })
}

/// Samples in 0..1, rows unpadded.
pub(super) fn values(
    samples: &DecodingResult,
    bits: u8,
    w: usize,
    h: usize,
    cx: &Context<'_>,
) -> Result<(Vec<f32>, Depth)> {
    use DecodingResult as D;
    let out = match samples {
        D::U8(v) if bits == 8 => (v.iter().map(|&v| f32::from(v) / 255.0).collect(), Depth::U8),
        D::U8(v) if matches!(bits, 1 | 2 | 4) => {
            // Several samples a byte, rows padded to whole bytes.
            let (row, per) = ((w * usize::from(bits)).div_ceil(8), 8 / usize::from(bits));
            let top = (1u16 << bits) - 1;
            let at = |i: usize| {
                let (x, y) = (i % w, i / w);
                let byte = v.get(y * row + x / per).copied().unwrap_or(0);
                let shift = 8 - usize::from(bits) * (x % per + 1);
                f32::from(u16::from(byte) >> shift & top) / f32::from(top)
            };
            ((0..w * h).map(at).collect(), Depth::U8)
        }
        D::U16(v) if bits == 16 => (v.iter().map(|&v| f32::from(v) / 65535.0).collect(), Depth::U16),
        D::U32(v) if bits == 32 => {
            (v.iter().map(|&v| (f64::from(v) / f64::from(u32::MAX)) as f32).collect(), Depth::F32)
        }
        D::F16(v) => (v.iter().map(|v| v.to_f32()).collect(), Depth::F32),
        D::F32(v) => (v.clone(), Depth::F32),
        D::F64(v) => (v.iter().map(|&v| v as f32).collect(), Depth::F32),
        D::I8(_) | D::I16(_) | D::I32(_) | D::I64(_) => return Err(cx.refused("a TIFF of signed numbers")),
        _ => return Err(cx.refused(format!("a TIFF of {bits} bits a sample"))),
    };
    if out.0.is_empty() || out.0.len() % (w * h) != 0 {
        return Err(cx.broken(format!("{} samples for {w}x{h} pixels", out.0.len())));
    }
    Ok(out)
}

pub(super) fn planar(values: &[f32], channels: usize, w: usize, h: usize, is_planar: bool) -> Result<Planes> {
    if is_planar {
        return Planes::new(channels, h, w, values.to_vec());
    }
    let mut out = Vec::with_capacity(values.len());
    for c in 0..channels {
        out.extend(values.iter().skip(c).step_by(channels));
    }
    Planes::new(channels, h, w, out)
}

/// Colours divided by alpha; where that is zero they stay.
fn divided(image: Image) -> Result<Image> {
    let (channels, depth) = (image.channels(), image.depth());
    let mut planes = image.into_planes();
    let last = planes.channels() - 1;
    let alpha = planes.plane(last).to_vec();
    for c in 0..last {
        for (v, a) in planes.plane_mut(c).iter_mut().zip(&alpha) {
            if *a > 0.0 {
                *v /= a;
                if depth != Depth::F32 {
                    *v = v.min(1.0);
                }
            }
        }
    }
    Image::new(planes, channels, depth)
}

/// The palette of a classic TIFF.
struct Palette {
    /// Red, green and blue of all entries.
    colors: Vec<[u16; 3]>,
    /// Where the file says that its samples are indices.
    at: usize,
    big_endian: bool,
}

impl Palette {
    fn of(bytes: &[u8]) -> Option<Palette> {
        let d = Directories::open(bytes)?;
        let first = d.first()?;
        let kind = d.find(first, Tag::PhotometricInterpretation.to_u16())?;
        if d.number(&kind)? != PALETTE || kind.kind != 3 {
            return None;
        }
        let map = d.find(first, Tag::ColorMap.to_u16())?.value;
        let n = map.len() / 6;
        let color = |i: usize| Some([0, 1, 2].map(|c| d.u16_at(map.start + 2 * (c * n + i)).unwrap_or(0)));
        let colors: Vec<[u16; 3]> = (0..n).filter_map(color).collect();
        (!colors.is_empty()).then_some(Palette { colors, at: kind.value.start, big_endian: d.big_endian })
    }

    /// The same file, saying that its samples are grey.
    fn as_gray(&self, bytes: &[u8]) -> Vec<u8> {
        let mut out = bytes.to_vec();
        let gray = if self.big_endian { 1u16.to_be_bytes() } else { 1u16.to_le_bytes() };
        out[self.at..self.at + 2].copy_from_slice(&gray);
        out
    }

    /// The picture of indices that were read as grey. Most writers repeat 8 bits in the 16 of an entry, or leave the lower
    /// ones empty: then nothing is lost with 8.
    fn expand(&self, values: &[f32], w: usize, h: usize) -> Result<Image> {
        let last = (self.colors.len() - 1) as f32;
        let picked: Vec<[u16; 3]> = values.iter().map(|v| self.colors[(v * last + 0.5) as usize]).collect();
        let all = |f: fn(u16) -> bool| self.colors.iter().flatten().all(|&v| f(v));
        let narrow = all(|v| v >> 8 == v & 0xff) || all(|v| v % 256 == 0);
        if narrow {
            let data: Vec<u8> = picked.iter().flatten().map(|v| (v >> 8) as u8).collect();
            Image::from_u8(w, h, Channels::Rgb, &data)
        } else {
            let data: Vec<u16> = picked.into_iter().flatten().collect();
            Image::from_u16(w, h, Channels::Rgb, &data)
        }
    }
}
