use image::codecs::jpeg::{JpegEncoder, PixelDensity, PixelDensityUnit};
use image::{ExtendedColorType, ImageEncoder};
use zune_core::bytestream::ZCursor;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;

use super::jpeg_segments;
use super::read::{Context, Decoded};
use crate::error::Result;
use crate::image::{Channels, Depth, Image};
use crate::metadata::Metadata;
use crate::planes::Planes;
use crate::profile::{self, Space};

/// CMYK and YCCK become RGB: through the profile of the file, which the result then no longer needs, or else by the
/// plain formula. Everything else keeps its values.
pub fn read(bytes: &[u8], cx: &Context<'_>) -> Result<Decoded> {
    let facts = jpeg_segments::facts(bytes).map_err(|text| cx.broken(text))?;
    jpeg_segments::refuse(&facts, cx)?;
    cx.check_size(facts.size.0.into(), facts.size.1.into())?;
    let pixels = match pixels(bytes, true) {
        Ok(pixels) => pixels,
        // What can be read is read, but not in silence.
        Err(strict) => {
            let pixels = pixels(bytes, false).map_err(|e| cx.broken(e))?;
            cx.warn(format!("the file is damaged, and read as far as it goes: {strict}"));
            pixels
        }
    };
    let Pixels { space, data, width, height, mut metadata } = pixels;
    metadata.density = facts.density;
    let image = match space {
        ColorSpace::Luma => Image::from_u8(width, height, Channels::Gray, &data)?,
        ColorSpace::RGB => Image::from_u8(width, height, Channels::Rgb, &data)?,
        ColorSpace::CMYK | ColorSpace::YCCK => {
            let ink = ink(&data, width, height, space == ColorSpace::YCCK)?;
            let icc = metadata.icc.take().filter(|icc| profile::space(icc) == Some(Space::Cmyk));
            let rgb = profile::cmyk_to_srgb(&ink, icc.as_deref()).or_else(|e| {
                cx.warn(format!("{e}; the plain formula is used"));
                profile::cmyk_to_srgb(&ink, None)
            })?;
            metadata.icc = icc.map(|_| profile::srgb());
            Image::new(rgb.map(|v| v.clamp(0.0, 1.0)), Channels::Rgb, Depth::U8)?
        }
        other => return Err(cx.refused(format!("a JPEG in the colours {other:?}"))),
    };
    Ok(Decoded { image, metadata, orientation: None })
}

struct Pixels {
    space: ColorSpace,
    data: Vec<u8>,
    width: usize,
    height: usize,
    metadata: Metadata,
}

fn pixels(bytes: &[u8], strict: bool) -> Result<Pixels, zune_jpeg::errors::DecodeErrors> {
    let options = DecoderOptions::default()
        .set_strict_mode(strict)
        .set_max_width(usize::from(u16::MAX))
        .set_max_height(usize::from(u16::MAX));
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers()?;
    let space = match decoder.input_colorspace() {
        Some(s @ (ColorSpace::Luma | ColorSpace::CMYK | ColorSpace::YCCK)) => s,
        _ => ColorSpace::RGB,
    };
    decoder.set_options(options.jpeg_set_out_colorspace(space));
    let data = decoder.decode()?;
    let (width, height) = decoder.dimensions().unwrap_or_default();
    let metadata = Metadata {
        icc: decoder.icc_profile(),
        exif: decoder.exif().cloned(),
        xmp: decoder.xmp().cloned(),
        ..Metadata::default()
    };
    Ok(Pixels { space, data, width, height, metadata })
}

/// Four planes of ink, 1 the most. Files hold what is left of white: that is Adobe's custom, which all others follow, with
/// or without Adobe's segment. `ycck`: the first three are luma and chroma of the inverse.
fn ink(data: &[u8], width: usize, height: usize, ycck: bool) -> Result<Planes> {
    let n = width * height;
    let mut out = Planes::filled(4, height, width, 0.0);
    let inks = out.data_mut();
    for (i, p) in data.chunks_exact(4).take(n).enumerate() {
        let mut v = [p[0], p[1], p[2], p[3]].map(|v| f32::from(v) / 255.0);
        if ycck {
            let [y, cb, cr, _] = [v[0], v[1] - 128.0 / 255.0, v[2] - 128.0 / 255.0, 0.0];
            let rgb = [y + 1.402 * cr, y - 0.344_136 * cb - 0.714_136 * cr, y + 1.772 * cb];
            for (to, from) in v.iter_mut().zip(rgb) {
                *to = 1.0 - from.clamp(0.0, 1.0);
            }
        }
        for (c, v) in v.into_iter().enumerate() {
            inks[c * n + i] = 1.0 - v;
        }
    }
    Ok(out)
}

/// Chroma is not subsampled. `samples` are interleaved, of one or three channels.
pub fn write(
    image: &Image,
    samples: &[u8],
    quality: u8,
    metadata: &Metadata,
    warn: &dyn Fn(String),
) -> Result<Vec<u8>, String> {
    let (Ok(width), Ok(height)) = (u16::try_from(image.width()), u16::try_from(image.height())) else {
        return Err(format!(
            "JPEG holds at most 65535 pixels a side, this picture has {}x{}; write PNG or TIFF",
            image.width(),
            image.height()
        ));
    };
    let color = if image.channels().is_color() { ExtendedColorType::Rgb8 } else { ExtendedColorType::L8 };
    let mut out = Vec::new();
    let mut encoder = JpegEncoder::new_with_quality(&mut out, quality.clamp(1, 100));
    if let Some((x, y)) = metadata.density {
        let whole = |v: f64| v.round().clamp(1.0, 65535.0) as u16;
        encoder.set_pixel_density(PixelDensity { density: (whole(x), whole(y)), unit: PixelDensityUnit::Inches });
    }
    encoder.write_image(samples, width.into(), height.into(), color).map_err(|e| e.to_string())?;
    Ok(jpeg_segments::with_metadata(&out, metadata, warn))
}
