use std::io::{Cursor, Read};
use std::path::Path;

use image::codecs::gif::GifDecoder;
use image::codecs::png::PngDecoder;
use image::codecs::tiff::TiffDecoder;
use image::codecs::webp::WebPDecoder;
use image::metadata::Orientation;
use image::{AnimationDecoder, ColorType, DynamicImage, ImageDecoder, ImageFormat, ImageReader};

use crate::error::{Result, VisionError};
use crate::image::{Channels, Image};

/// What a picture may cost before it is refused.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Largest file, in bytes.
    pub file_bytes: u64,
    /// Largest width or height, in pixels.
    pub side_px: u32,
    /// Largest number of pixels.
    pub pixels: u64,
}

impl Default for Limits {
    /// 1 GiB of file, sides of 65535 pixels, 200 million pixels.
    fn default() -> Limits {
        Limits { file_bytes: 1 << 30, side_px: 65_535, pixels: 200_000_000 }
    }
}

/// Reads a picture with the default [`Limits`].
pub fn read(path: impl AsRef<Path>) -> Result<Image> {
    read_with(path, &Limits::default())
}

/// Reads a picture.
pub fn read_with(path: impl AsRef<Path>, limits: &Limits) -> Result<Image> {
    let path = path.as_ref();
    let io = |source| VisionError::Io { path: path.to_owned(), source };
    let file = std::fs::File::open(path).map_err(io)?;
    let mut bytes = Vec::new();
    file.take(limits.file_bytes.saturating_add(1)).read_to_end(&mut bytes).map_err(io)?;
    decode(&bytes, path, limits)
}

/// Decodes the bytes of a file; `path` only names it in errors.
pub fn decode(bytes: &[u8], path: &Path, limits: &Limits) -> Result<Image> {
    let over = |what: &str, got: u64, limit: u64| VisionError::Limit {
        what: format!("{}: {what}", path.display()),
        got,
        limit,
    };
    if bytes.len() as u64 > limits.file_bytes {
        return Err(over("bytes of the file", bytes.len() as u64, limits.file_bytes));
    }
    let bad = |e: image::ImageError| VisionError::Picture { path: path.to_owned(), text: e.to_string() };
    let format = image::guess_format(bytes).map_err(|_| VisionError::Unsupported {
        path: path.to_owned(),
        text: "not a PNG, JPEG, WebP, TIFF, BMP or GIF picture".to_owned(),
    })?;
    refuse_animation(bytes, path, format, limits)?;
    let mut decoder = ImageReader::with_format(Cursor::new(bytes), format).into_decoder().map_err(bad)?;
    let (width, height) = decoder.dimensions();
    let side = width.max(height);
    if side > limits.side_px {
        return Err(over("longer side in pixels", side.into(), limits.side_px.into()));
    }
    let pixels = u64::from(width) * u64::from(height);
    if pixels > limits.pixels {
        return Err(over("pixels", pixels, limits.pixels));
    }
    decoder.set_limits(decoder_limits(limits)).map_err(bad)?;
    // A broken profile or EXIF block costs the metadata, not the picture.
    let icc = if format == ImageFormat::Tiff {
        // Under limits this decoder refuses any tag that is larger than the picture.
        TiffDecoder::new(Cursor::new(bytes)).and_then(|mut d| d.icc_profile())
    } else {
        decoder.icc_profile()
    };
    let icc = icc.unwrap_or_else(|e| {
        log::warn!("{}: the ICC profile is unreadable and dropped: {e}", path.display());
        None
    });
    let mut exif = decoder.exif_metadata().unwrap_or(None);
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut picture = DynamicImage::from_decoder(decoder).map_err(bad)?;
    picture.apply_orientation(orientation);
    if let Some(chunk) = &mut exif {
        // `None`: there was none to remove.
        let _ = Orientation::remove_from_exif_chunk(chunk);
    }
    Ok(from_dynamic(picture)?.with_icc(icc).with_exif(exif))
}

fn decoder_limits(limits: &Limits) -> image::Limits {
    let mut out = image::Limits::default();
    out.max_image_width = Some(limits.side_px);
    out.max_image_height = Some(limits.side_px);
    // Sixteen bytes a pixel is the largest colour type; decoders may hold a second copy.
    out.max_alloc = Some(limits.pixels.saturating_mul(32));
    out
}

fn refuse_animation(bytes: &[u8], path: &Path, format: ImageFormat, limits: &Limits) -> Result<()> {
    let bad = |e: image::ImageError| VisionError::Picture { path: path.to_owned(), text: e.to_string() };
    let reader = Cursor::new(bytes);
    let (name, animated) = match format {
        ImageFormat::Png => ("PNG", PngDecoder::new(reader).and_then(|d| d.is_apng()).map_err(bad)?),
        ImageFormat::WebP => ("WebP", WebPDecoder::new(reader).map_err(bad)?.has_animation()),
        ImageFormat::Gif => {
            let mut decoder = GifDecoder::new(reader).map_err(bad)?;
            decoder.set_limits(decoder_limits(limits)).map_err(bad)?;
            ("GIF", decoder.into_frames().nth(1).is_some())
        }
        _ => return Ok(()),
    };
    if animated {
        return Err(VisionError::Unsupported {
            path: path.to_owned(),
            text: format!("an animated {name}; only still pictures are read, split it into frames first"),
        });
    }
    Ok(())
}

fn from_dynamic(picture: DynamicImage) -> Result<Image> {
    let (w, h) = (picture.width() as usize, picture.height() as usize);
    match picture {
        DynamicImage::ImageLuma8(b) => Image::from_u8(w, h, Channels::Gray, &b),
        DynamicImage::ImageLumaA8(b) => Image::from_u8(w, h, Channels::GrayAlpha, &b),
        DynamicImage::ImageRgb8(b) => Image::from_u8(w, h, Channels::Rgb, &b),
        DynamicImage::ImageRgba8(b) => Image::from_u8(w, h, Channels::Rgba, &b),
        DynamicImage::ImageLuma16(b) => Image::from_u16(w, h, Channels::Gray, &b),
        DynamicImage::ImageLumaA16(b) => Image::from_u16(w, h, Channels::GrayAlpha, &b),
        DynamicImage::ImageRgb16(b) => Image::from_u16(w, h, Channels::Rgb, &b),
        DynamicImage::ImageRgba16(b) => Image::from_u16(w, h, Channels::Rgba, &b),
        DynamicImage::ImageRgb32F(b) => Image::from_f32(w, h, Channels::Rgb, &b),
        other if other.color() == ColorType::Rgba32F => Image::from_f32(w, h, Channels::Rgba, &other.into_rgba32f()),
        other => Image::from_u16(w, h, Channels::Rgba, &other.into_rgba16()),
    }
}
