//! The two old formats without metadata.

use std::io::Cursor;

use image::codecs::bmp::{BmpDecoder, BmpEncoder};
use image::codecs::gif::GifDecoder;
use image::{AnimationDecoder, ColorType, DynamicImage, ExtendedColorType, ImageDecoder, ImageEncoder};

use super::read::{Context, Decoded};
use crate::error::Result;
use crate::image::{Channels, Image};

fn limits(cx: &Context<'_>) -> image::Limits {
    let mut out = image::Limits::default();
    out.max_image_width = Some(cx.options.limits.side_px);
    out.max_image_height = Some(cx.options.limits.side_px);
    out.max_alloc = Some(cx.memory_bytes());
    out
}

/// Palettes are expanded to RGB.
pub fn read_bmp(bytes: &[u8], cx: &Context<'_>) -> Result<Decoded> {
    let bad = |e: image::ImageError| cx.broken(e);
    let mut decoder = BmpDecoder::new(Cursor::new(bytes)).map_err(bad)?;
    let (width, height) = decoder.dimensions();
    cx.check_size(width.into(), height.into())?;
    decoder.set_limits(limits(cx)).map_err(bad)?;
    let color = decoder.color_type();
    let picture = DynamicImage::from_decoder(decoder).map_err(bad)?;
    let (w, h) = (width as usize, height as usize);
    Ok(Decoded::plain(match color {
        ColorType::L8 => Image::from_u8(w, h, Channels::Gray, &picture.into_luma8())?,
        ColorType::Rgba8 => Image::from_u8(w, h, Channels::Rgba, &picture.into_rgba8())?,
        _ => Image::from_u8(w, h, Channels::Rgb, &picture.into_rgb8())?,
    }))
}

/// `samples` are interleaved; grey with alpha becomes RGB with alpha.
pub fn write_bmp(image: &Image, samples: &[u8]) -> Result<Vec<u8>, String> {
    let mut out = Cursor::new(Vec::new());
    let expanded;
    let (color, samples) = match image.channels() {
        Channels::Gray => (ExtendedColorType::L8, samples),
        Channels::Rgb => (ExtendedColorType::Rgb8, samples),
        Channels::Rgba => (ExtendedColorType::Rgba8, samples),
        Channels::GrayAlpha => {
            expanded = samples.chunks_exact(2).flat_map(|p| [p[0], p[0], p[0], p[1]]).collect::<Vec<u8>>();
            (ExtendedColorType::Rgba8, &expanded[..])
        }
    };
    let encoder = BmpEncoder::new(&mut out);
    encoder.write_image(samples, image.width() as u32, image.height() as u32, color).map_err(|e| e.to_string())?;
    Ok(out.into_inner())
}

/// The palette is expanded to RGB, with alpha where a pixel is transparent.
pub fn read_gif(bytes: &[u8], cx: &Context<'_>) -> Result<Decoded> {
    let bad = |e: image::ImageError| cx.broken(e);
    let mut decoder = GifDecoder::new(Cursor::new(bytes)).map_err(bad)?;
    let (width, height) = decoder.dimensions();
    cx.check_size(width.into(), height.into())?;
    decoder.set_limits(limits(cx)).map_err(bad)?;
    let mut frames = decoder.into_frames();
    let first = frames.next().ok_or_else(|| cx.broken("a GIF without a picture"))?.map_err(bad)?;
    match frames.next() {
        Some(Ok(_)) => cx.first_of_several("an animated GIF")?,
        Some(Err(e)) if !cx.options.first_frame => return Err(bad(e)),
        _ => {}
    }
    let buffer = first.into_buffer();
    let image = Image::from_u8(width as usize, height as usize, Channels::Rgba, &buffer)?;
    let opaque = buffer.pixels().all(|p| p.0[3] == 255);
    Ok(Decoded::plain(if opaque { image.without_alpha() } else { image }))
}
