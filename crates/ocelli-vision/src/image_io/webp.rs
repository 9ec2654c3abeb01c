use std::io::Cursor;

use image_webp::{ColorType, WebPDecoder, WebPEncoder};

use super::read::{Context, Decoded};
use crate::error::Result;
use crate::image::{Channels, Image};
use crate::metadata::Metadata;

/// Largest side of a WebP.
const SIDE_PX: usize = 16_383;

/// WebP has no grey: such a picture has three equal planes.
pub fn read(bytes: &[u8], cx: &Context<'_>) -> Result<Decoded> {
    let bad = |e: image_webp::DecodingError| cx.broken(e);
    let stated = bytes.get(4..8).map_or(0, |b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]) as usize);
    if stated.saturating_add(8) > bytes.len() {
        return Err(cx.broken(format!("the file is cut off: {} bytes, its header says {}", bytes.len(), stated + 8)));
    }
    let mut decoder = WebPDecoder::new(Cursor::new(bytes)).map_err(bad)?;
    let (width, height) = decoder.dimensions();
    cx.check_size(width.into(), height.into())?;
    decoder.set_memory_limit(usize::try_from(cx.memory_bytes()).unwrap_or(usize::MAX));
    let animated = decoder.is_animated();
    if animated && decoder.num_frames() > 1 {
        cx.first_of_several("an animated WebP")?;
    }
    let size = decoder.output_buffer_size().ok_or_else(|| cx.broken("too large for memory"))?;
    let mut buffer = vec![0; size];
    if animated {
        decoder.read_frame(&mut buffer).map_err(bad)?;
    } else {
        decoder.read_image(&mut buffer).map_err(bad)?;
    }
    let channels = if decoder.has_alpha() { Channels::Rgba } else { Channels::Rgb };
    let image = Image::from_u8(width as usize, height as usize, channels, &buffer)?;
    let kept = |what: &str, part: Result<Option<Vec<u8>>, image_webp::DecodingError>| {
        part.unwrap_or_else(|e| {
            cx.warn(format!("{what} is unreadable and dropped: {e}"));
            None
        })
    };
    let icc = kept("the ICC profile", decoder.icc_profile());
    let exif = kept("EXIF", decoder.exif_metadata());
    let xmp = kept("XMP", decoder.xmp_metadata());
    // Some writers put the marker of JPEG in front.
    let exif = exif.map(|b| b.strip_prefix(b"Exif\0\0").map_or(b.clone(), <[u8]>::to_vec));
    Ok(Decoded { image, metadata: Metadata { icc, exif, xmp, ..Metadata::default() }, orientation: None })
}

/// Without loss. `samples` are interleaved.
pub fn write(image: &Image, samples: &[u8], metadata: &Metadata) -> Result<Vec<u8>, String> {
    if image.width() > SIDE_PX || image.height() > SIDE_PX {
        return Err(format!(
            "WebP holds at most {SIDE_PX} pixels a side, this picture has {}x{}; write PNG or TIFF",
            image.width(),
            image.height()
        ));
    }
    let color = match image.channels() {
        Channels::Gray => ColorType::L8,
        Channels::GrayAlpha => ColorType::La8,
        Channels::Rgb => ColorType::Rgb8,
        Channels::Rgba => ColorType::Rgba8,
    };
    let mut out = Vec::new();
    let mut encoder = WebPEncoder::new(&mut out);
    if let Some(icc) = &metadata.icc {
        encoder.set_icc_profile(icc.clone());
    }
    if let Some(block) = &metadata.exif {
        encoder.set_exif_metadata(block.clone());
    }
    if let Some(packet) = &metadata.xmp {
        encoder.set_xmp_metadata(packet.clone());
    }
    encoder.encode(samples, image.width() as u32, image.height() as u32, color).map_err(|e| e.to_string())?;
    Ok(out)
}
