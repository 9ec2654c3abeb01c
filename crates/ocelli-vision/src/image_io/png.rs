use std::borrow::Cow;
use std::io::{Cursor, Write};

use png::text_metadata::{ITXtChunk, TEXtChunk};
use png::{BitDepth, ColorType, Encoder, Info, PixelDimensions, Transformations, Unit};

use super::read::{Context, Decoded};
use super::write::PutSamples;
use crate::error::{Result, VisionError};
use crate::image::{Channels, Depth, Head, Image};
use crate::metadata::Metadata;
use crate::profile;
use crate::quantize::Samples;

const XMP: &str = "XML:com.adobe.xmp";
const METRES_PER_INCH: f64 = 0.0254;

/// Largest profile, text or other chunk after inflating, in bytes.
pub(super) const CHUNK_BYTES: usize = 64 << 20;

/// Bytes of a chunk of compressed rows.
const CHUNK_OF_ROWS_BYTES: usize = 256 << 10;

/// Palettes, transparent colours and fewer than 8 bits are expanded.
pub fn read(bytes: &[u8], cx: &Context<'_>) -> Result<Decoded> {
    let bad = |e: png::DecodingError| cx.broken(e);
    let mut decoder = png::Decoder::new_with_limits(Cursor::new(bytes), png::Limits { bytes: CHUNK_BYTES });
    decoder.set_transformations(Transformations::EXPAND);
    let header = decoder.read_header_info().map_err(bad)?;
    cx.check_size(header.width.into(), header.height.into())?;
    let mut reader = decoder.read_info().map_err(bad)?;
    if reader.info().animation_control.is_some_and(|a| a.num_frames > 1) {
        cx.first_of_several("an animated PNG")?;
    }
    let size = reader.output_buffer_size().ok_or_else(|| cx.broken("too large for memory"))?;
    let mut buffer = vec![0; size];
    let frame = reader.next_frame(&mut buffer).map_err(bad)?;
    buffer.truncate(frame.buffer_size());
    // Frames that were not asked for need not be whole.
    if reader.info().animation_control.is_none() {
        reader.finish().map_err(bad)?;
    }
    let channels = match frame.color_type {
        ColorType::Grayscale => Channels::Gray,
        ColorType::GrayscaleAlpha => Channels::GrayAlpha,
        ColorType::Rgb => Channels::Rgb,
        ColorType::Rgba => Channels::Rgba,
        ColorType::Indexed => return Err(cx.broken("a palette that was not expanded")),
    };
    let (w, h) = (frame.width as usize, frame.height as usize);
    let image = if frame.bit_depth == BitDepth::Sixteen {
        let wide: Vec<u16> = buffer.chunks_exact(2).map(|b| u16::from_be_bytes([b[0], b[1]])).collect();
        Image::from_u16(w, h, channels, &wide)?
    } else {
        Image::from_u8(w, h, channels, &buffer)?
    };
    let metadata = metadata(reader.info(), channels, cx)?;
    Ok(Decoded { image, metadata, orientation: None })
}

pub(super) fn metadata(info: &Info<'_>, channels: Channels, cx: &Context<'_>) -> Result<Metadata> {
    let mut texts: Vec<(String, String)> = Vec::new();
    texts.extend(info.uncompressed_latin1_text.iter().map(|t| (t.keyword.clone(), t.text.clone())));
    texts.extend(info.compressed_latin1_text.iter().filter_map(|t| Some((t.keyword.clone(), t.get_text().ok()?))));
    texts.extend(info.utf8_text.iter().filter_map(|t| Some((t.keyword.clone(), t.get_text().ok()?))));
    let take = |texts: &mut Vec<(String, String)>, name: &str| {
        let i = texts.iter().position(|(keyword, _)| keyword == name)?;
        Some(texts.remove(i).1)
    };
    let xmp = take(&mut texts, XMP).map(String::into_bytes);
    // The way of older programs, above all ImageMagick, to EXIF and XMP in PNG.
    let raw = |texts: &mut Vec<(String, String)>, name: &str| {
        take(texts, &format!("Raw profile type {name}")).and_then(|text| raw_profile(&text))
    };
    let old_xmp = raw(&mut texts, "xmp");
    let old_exif = raw(&mut texts, "exif").or(raw(&mut texts, "APP1"));
    let old_exif = old_exif.map(|b| b.strip_prefix(b"Exif\0\0").map_or(b.clone(), <[u8]>::to_vec));
    texts.retain(|(keyword, _)| !keyword.starts_with("Raw profile type "));
    let density = info.pixel_dims.filter(|d| d.unit == Unit::Meter);
    Ok(Metadata {
        icc: color_profile(info, channels, cx)?,
        exif: info.exif_metadata.as_ref().map(|e| e.to_vec()).or(old_exif),
        xmp: xmp.or(old_xmp),
        texts,
        density: density.map(|d| (per_inch(d.xppu), per_inch(d.yppu))),
    })
}

/// A whole number where it was one before it was rounded to pixels per metre.
fn per_inch(per_metre: u32) -> f64 {
    let exact = f64::from(per_metre) * METRES_PER_INCH;
    if (exact - exact.round()).abs() <= METRES_PER_INCH / 2.0 { exact.round() } else { exact }
}

/// What the values mean, by the precedence of the PNG specification: cICP, iCCP, sRGB, gAMA with cHRM. What says sRGB
/// needs no profile; a gamma or primaries of their own become one, which every format can keep.
fn color_profile(info: &Info<'_>, channels: Channels, cx: &Context<'_>) -> Result<Option<Vec<u8>>> {
    if let Some(cicp) = &info.coding_independent_code_points {
        return match (cicp.color_primaries, cicp.transfer_function) {
            (1, 13 | 1 | 2) => Ok(None),
            (12, 13) => Ok(Some(profile::display_p3())),
            (_, 16 | 18) => Err(cx.refused("an HDR PNG (PQ or HLG); no model here is made for that")),
            (p, t) => {
                cx.warn(format!("colours by code points {p}/{t} are not known and taken for sRGB"));
                Ok(None)
            }
        };
    }
    if let Some(icc) = &info.icc_profile {
        return Ok(Some(icc.to_vec()));
    }
    if info.srgb.is_some() {
        return Ok(None);
    }
    let Some(gamma) = info.gama_chunk.map(|g| f64::from(g.into_value())).filter(|&g| g > 0.0) else {
        return Ok(None);
    };
    let primaries = info.chrm_chunk.map(|c| {
        [c.red, c.green, c.blue, c.white].map(|(x, y)| (f64::from(x.into_value()), f64::from(y.into_value())))
    });
    Ok(profile::from_gamma(1.0 / gamma, primaries, !channels.is_color()))
}

/// Name, length and hexadecimal digits, each on lines of their own.
fn raw_profile(text: &str) -> Option<Vec<u8>> {
    let mut lines = text.trim_start().lines();
    lines.next()?;
    let length: usize = lines.next()?.trim().parse().ok()?;
    let digits: Vec<u8> =
        lines.flat_map(str::bytes).filter_map(|b| (b as char).to_digit(16)).map(|d| d as u8).collect();
    let bytes: Vec<u8> = digits.chunks_exact(2).map(|d| d[0] << 4 | d[1]).collect();
    (bytes.len() == length).then_some(bytes)
}

/// Writes rows as `fill` hands them over, interleaved and of 8 or 16 bits.
pub fn write_rows<W: Write, T, E: From<VisionError>>(
    out: W,
    head: &Head,
    depth: Depth,
    bad: &dyn Fn(String) -> VisionError,
    fill: impl FnOnce(&mut PutSamples<'_>) -> Result<T, E>,
) -> Result<T, E> {
    let text = |e: png::EncodingError| bad(e.to_string());
    let encoder = Encoder::with_info(out, info(head, depth)).map_err(text)?;
    let mut writer = encoder.write_header().map_err(text)?;
    let mut rows = writer.stream_writer_with_size(CHUNK_OF_ROWS_BYTES).map_err(text)?;
    let result = fill(&mut |samples| {
        let done = match samples {
            Samples::U8(data) => rows.write_all(data),
            Samples::U16(data) => rows.write_all(&data.iter().flat_map(|v| v.to_be_bytes()).collect::<Vec<u8>>()),
            Samples::F32(_) => return Err(bad("PNG holds no floats".to_owned())),
        };
        done.map_err(|e| bad(e.to_string()))
    })?;
    rows.finish().map_err(text)?;
    writer.finish().map_err(text)?;
    Ok(result)
}

fn info(head: &Head, depth: Depth) -> Info<'_> {
    let mut info = Info::default();
    (info.width, info.height) = (head.width as u32, head.height as u32);
    info.color_type = match head.channels {
        Channels::Gray => ColorType::Grayscale,
        Channels::GrayAlpha => ColorType::GrayscaleAlpha,
        Channels::Rgb => ColorType::Rgb,
        Channels::Rgba => ColorType::Rgba,
    };
    info.bit_depth = if depth == Depth::U8 { BitDepth::Eight } else { BitDepth::Sixteen };
    let metadata = &head.metadata;
    info.icc_profile = metadata.icc.as_deref().map(Cow::Borrowed);
    info.exif_metadata = metadata.exif.as_deref().map(Cow::Borrowed);
    info.pixel_dims = metadata.density.map(|(x, y)| {
        let per_metre = |dpi: f64| (dpi / METRES_PER_INCH).round() as u32;
        PixelDimensions { xppu: per_metre(x), yppu: per_metre(y), unit: Unit::Meter }
    });
    for (keyword, value) in &metadata.texts {
        // Latin-1 goes into the kind of chunk that every reader knows.
        if value.chars().all(|c| u32::from(c) < 256) {
            info.uncompressed_latin1_text.push(TEXtChunk::new(keyword.as_str(), value.as_str()));
        } else {
            info.utf8_text.push(ITXtChunk::new(keyword.as_str(), value.as_str()));
        }
    }
    if let Some(packet) = metadata.xmp.as_deref().and_then(|p| std::str::from_utf8(p).ok()) {
        info.utf8_text.push(ITXtChunk::new(XMP, packet));
    }
    info
}
