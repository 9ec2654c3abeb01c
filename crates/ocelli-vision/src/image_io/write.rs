use std::io::Cursor;
use std::path::Path;

use image::codecs::bmp::BmpEncoder;
use image::codecs::gif::GifEncoder;
use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::codecs::tiff::TiffEncoder;
use image::codecs::webp::WebPEncoder;
use image::{ExtendedColorType, ImageEncoder, ImageFormat};

use crate::error::{Result, VisionError};
use crate::image::{Channels, Depth, Image};

/// How pictures are written.
#[derive(Clone, Copy, Debug)]
pub struct WriteOptions {
    /// JPEG quality, 1..=100.
    pub jpeg_quality: u8,
}

impl Default for WriteOptions {
    /// JPEG quality 95.
    fn default() -> WriteOptions {
        WriteOptions { jpeg_quality: 95 }
    }
}

/// The format that the ending of `path` names.
pub fn format_of(path: &Path) -> Result<ImageFormat> {
    let ending = path.extension().map(|e| e.to_string_lossy().to_lowercase()).unwrap_or_default();
    match ending.as_str() {
        "png" => Ok(ImageFormat::Png),
        "jpg" | "jpeg" => Ok(ImageFormat::Jpeg),
        "webp" => Ok(ImageFormat::WebP),
        "tif" | "tiff" => Ok(ImageFormat::Tiff),
        "bmp" => Ok(ImageFormat::Bmp),
        "gif" => Ok(ImageFormat::Gif),
        _ => Err(VisionError::Unsupported {
            path: path.to_owned(),
            text: format!(
                "the ending '{ending}' names no picture format that is written; use one of {}",
                super::ENDINGS.join(", ")
            ),
        }),
    }
}

/// Writes a picture in the format of its ending with the default [`WriteOptions`].
pub fn write(path: impl AsRef<Path>, image: &Image) -> Result<()> {
    write_with(path, image, &WriteOptions::default())
}

/// Writes a picture in the format of its ending: all of it or, on an error, nothing under that name.
///
/// PNG and TIFF keep 16 bits (TIFF also floats in RGB); the others are written with 8. JPEG cannot hold alpha: an error.
pub fn write_with(path: impl AsRef<Path>, image: &Image, options: &WriteOptions) -> Result<()> {
    let path = path.as_ref();
    let bytes = encode(image, path, options)?;
    let mut partial = path.as_os_str().to_owned();
    partial.push(".partial");
    let partial = Path::new(&partial);
    let result = std::fs::write(partial, bytes).and_then(|()| std::fs::rename(partial, path));
    result.map_err(|source| {
        // The partial file is ours; when it was never made there is nothing to remove.
        let _ = std::fs::remove_file(partial);
        VisionError::Io { path: path.to_owned(), source }
    })
}

/// The bytes of the file that [`write_with`] would write to `path`.
pub fn encode(image: &Image, path: &Path, options: &WriteOptions) -> Result<Vec<u8>> {
    let format = format_of(path)?;
    let fail = |e: image::ImageError| VisionError::Picture { path: path.to_owned(), text: e.to_string() };
    if format == ImageFormat::Jpeg && image.channels().has_alpha() {
        return Err(VisionError::Unsupported {
            path: path.to_owned(),
            text: "JPEG cannot hold the alpha of this picture; write PNG, WebP or TIFF".to_owned(),
        });
    }
    let widened;
    let image = match (format, image.channels()) {
        // Neither encoder takes grey with alpha, nor the GIF one grey at all.
        (ImageFormat::Tiff, Channels::GrayAlpha) | (ImageFormat::Gif, Channels::Gray | Channels::GrayAlpha) => {
            widened = image.clone().into_rgb();
            &widened
        }
        (ImageFormat::Tiff, Channels::Gray) if image.depth() == Depth::F32 => {
            widened = image.clone().into_rgb();
            &widened
        }
        _ => image,
    };
    let depth = match (format, image.depth()) {
        (ImageFormat::Tiff, depth) => depth,
        (ImageFormat::Png, Depth::U16 | Depth::F32) => Depth::U16,
        _ => Depth::U8,
    };
    if depth < image.depth() {
        log::warn!("{}: written as {depth:?} from {:?}", path.display(), image.depth());
    }
    let (bytes, color) = samples(image, depth);
    let (w, h) = (image.width() as u32, image.height() as u32);
    let mut out = Cursor::new(Vec::new());
    let icc = image.icc().map(<[u8]>::to_vec);
    // Not every encoder has a place for a profile or EXIF.
    macro_rules! run {
        ($encoder:expr) => {{
            let mut encoder = $encoder;
            if let Some(icc) = icc
                && encoder.set_icc_profile(icc).is_err()
            {
                log::warn!("{}: the format keeps no ICC profile", path.display());
            }
            if let Some(exif) = image.exif()
                && encoder.set_exif_metadata(exif.to_vec()).is_err()
            {
                log::warn!("{}: the format keeps no EXIF block", path.display());
            }
            encoder.write_image(&bytes, w, h, color).map_err(fail)?
        }};
    }
    match format {
        ImageFormat::Png => run!(PngEncoder::new(&mut out)),
        ImageFormat::Jpeg => {
            let quality = options.jpeg_quality.clamp(1, 100);
            run!(JpegEncoder::new_with_quality(&mut out, quality))
        }
        ImageFormat::WebP => run!(WebPEncoder::new_lossless(&mut out)),
        ImageFormat::Tiff => run!(TiffEncoder::new(&mut out)),
        ImageFormat::Bmp => run!(BmpEncoder::new(&mut out)),
        _ => {
            if icc.is_some() {
                log::warn!("{}: the format keeps no ICC profile", path.display());
            }
            GifEncoder::new(&mut out).encode(&bytes, w, h, color).map_err(fail)?;
        }
    }
    Ok(out.into_inner())
}

/// Interleaved samples in native byte order, and what they are.
fn samples(image: &Image, depth: Depth) -> (Vec<u8>, ExtendedColorType) {
    use ExtendedColorType as T;
    let color = match (image.channels(), depth) {
        (Channels::Gray, Depth::U8) => T::L8,
        (Channels::GrayAlpha, Depth::U8) => T::La8,
        (Channels::Rgb, Depth::U8) => T::Rgb8,
        (Channels::Rgba, Depth::U8) => T::Rgba8,
        (Channels::Gray, _) => T::L16,
        (Channels::GrayAlpha, _) => T::La16,
        (Channels::Rgb, Depth::U16) => T::Rgb16,
        (Channels::Rgba, Depth::U16) => T::Rgba16,
        (Channels::Rgb, Depth::F32) => T::Rgb32F,
        (Channels::Rgba, Depth::F32) => T::Rgba32F,
    };
    let bytes = match color {
        T::L8 | T::La8 | T::Rgb8 | T::Rgba8 => image.to_u8(),
        T::Rgb32F | T::Rgba32F => image.to_f32().iter().flat_map(|v| v.to_ne_bytes()).collect(),
        _ => image.to_u16().iter().flat_map(|v| v.to_ne_bytes()).collect(),
    };
    (bytes, color)
}
