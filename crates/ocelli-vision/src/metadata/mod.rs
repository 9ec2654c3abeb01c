//! What a file says about its picture beside the samples.

pub mod exif;
mod exif_tags;
pub mod xmp;

pub(crate) use exif_tags::{Directories, Field};

/// Profile, EXIF, XMP, texts and resolution of a picture.
///
/// EXIF and XMP describe the picture as it is held: turned upright, so that both ask for no further turning.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Metadata {
    /// The ICC profile of the samples; none: sRGB, or grey with its curve.
    pub icc: Option<Vec<u8>>,
    /// The EXIF block, beginning with its byte order (`II` or `MM`), without thumbnail.
    pub exif: Option<Vec<u8>>,
    /// The XMP packet.
    pub xmp: Option<Vec<u8>>,
    /// Keywords and texts of a PNG; no other format has a place for them.
    pub texts: Vec<(String, String)>,
    /// Pixels per inch, across and down.
    pub density: Option<(f64, f64)>,
}

impl Metadata {
    /// Brings EXIF and XMP up to a picture of `width` by `height` pixels that stands upright.
    pub(crate) fn describe(&mut self, width: usize, height: usize) {
        if let Some(block) = &mut self.exif {
            exif::set_size(block, width, height);
        }
        if let Some(packet) = &mut self.xmp {
            *packet = xmp::with_size(packet, width, height);
        }
    }
}
