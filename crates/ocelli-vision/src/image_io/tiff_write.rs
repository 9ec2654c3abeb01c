use std::io::Cursor;

use tiff::encoder::colortype::{self, ColorType};
use tiff::encoder::{Compression, DeflateLevel, DirectoryEncoder, Rational, TiffEncoder, TiffKind, TiffValue};
use tiff::tags::{ExtraSamples, Predictor, ResolutionUnit, Tag, Type};
use tiff::{Directory, TiffError};

use crate::image::{Channels, Image};
use crate::metadata::{Field, Metadata, exif};
use crate::quantize::Samples;

const EXIF: Tag = Tag::ExifDirectory;
const GPS: Tag = Tag::GpsDirectory;
const INTEROP: Tag = Tag::Unknown(0xa005);
const XMP: Tag = Tag::Unknown(700);

/// Deflated, whole numbers as differences. `samples` are interleaved.
pub fn write(image: &Image, samples: &Samples, metadata: &Metadata) -> Result<Vec<u8>, String> {
    let color = image.channels().is_color();
    let done = match samples {
        Samples::U8(v) if color => encode::<colortype::RGB8>(image, v, metadata),
        Samples::U8(v) => encode::<colortype::Gray8>(image, v, metadata),
        Samples::U16(v) if color => encode::<colortype::RGB16>(image, v, metadata),
        Samples::U16(v) => encode::<colortype::Gray16>(image, v, metadata),
        Samples::F32(v) if color => encode::<colortype::RGB32Float>(image, v, metadata),
        Samples::F32(v) => encode::<colortype::Gray32Float>(image, v, metadata),
    };
    done.map_err(|e| e.to_string())
}

fn encode<C: ColorType>(image: &Image, data: &[C::Inner], metadata: &Metadata) -> Result<Vec<u8>, TiffError>
where
    [C::Inner]: TiffValue,
{
    let mut out = Cursor::new(Vec::new());
    let floats = matches!(C::SAMPLE_FORMAT.first(), Some(tiff::tags::SampleFormat::IEEEFP));
    // Differences of samples with alpha between would need another predictor.
    let has_alpha = matches!(image.channels(), Channels::GrayAlpha | Channels::Rgba);
    let predictor = if floats || has_alpha { Predictor::None } else { Predictor::Horizontal };
    let mut encoder = TiffEncoder::new(&mut out)?
        .with_compression(Compression::Deflate(DeflateLevel::Balanced))
        .with_predictor(predictor);
    let [main, pointers] = directories(&mut encoder, metadata)?;
    let mut page = encoder.new_image::<C>(image.width() as u32, image.height() as u32)?;
    if has_alpha {
        page.extra_samples(&[ExtraSamples::UnassociatedAlpha])?;
    }
    put(page.encoder(), &main)?;
    put(page.encoder(), &pointers)?;
    if let Some((x, y)) = metadata.density {
        page.resolution_unit(ResolutionUnit::Inch);
        page.x_resolution(rational(x));
        page.y_resolution(rational(y));
    }
    if let Some(icc) = &metadata.icc {
        put(page.encoder(), &[(Tag::IccProfile, Type::UNDEFINED, icc.clone())])?;
    }
    if let Some(packet) = &metadata.xmp {
        put(page.encoder(), &[(XMP, Type::BYTE, packet.clone())])?;
    }
    page.write_data(data)?;
    Ok(out.into_inner())
}

type Entry = (Tag, Type, Vec<u8>);

/// What EXIF says about the picture, and the pointers to the directories that this writes: GPS, interoperability, EXIF.
fn directories<K: TiffKind>(
    encoder: &mut TiffEncoder<&mut Cursor<Vec<u8>>, K>,
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
