use crate::color;
use crate::error::{self, Result};
use crate::metadata::{Metadata, exif};
use crate::planes::Planes;
use crate::profile::{self, Space};

/// What the planes of an [`Image`] mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channels {
    /// One plane of grey.
    Gray,
    /// Grey and alpha.
    GrayAlpha,
    /// Red, green, blue.
    Rgb,
    /// Red, green, blue, alpha (not premultiplied).
    Rgba,
}

impl Channels {
    /// Number of planes.
    pub fn count(self) -> usize {
        match self {
            Channels::Gray => 1,
            Channels::GrayAlpha => 2,
            Channels::Rgb => 3,
            Channels::Rgba => 4,
        }
    }

    /// Whether the last plane is alpha.
    pub fn has_alpha(self) -> bool {
        matches!(self, Channels::GrayAlpha | Channels::Rgba)
    }

    /// Whether there are red, green and blue planes.
    pub fn is_color(self) -> bool {
        matches!(self, Channels::Rgb | Channels::Rgba)
    }

    /// The same colours with alpha.
    pub fn with_alpha(self) -> Channels {
        match self {
            Channels::Gray | Channels::GrayAlpha => Channels::GrayAlpha,
            Channels::Rgb | Channels::Rgba => Channels::Rgba,
        }
    }
}

/// The precision a picture was stored with, and will be written with where the format can.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Depth {
    /// 8-bit integers.
    U8,
    /// 16-bit integers.
    U16,
    /// 32-bit floats.
    F32,
}

impl Depth {
    /// For people.
    pub fn name(self) -> &'static str {
        match self {
            Depth::U8 => "8 bits",
            Depth::U16 => "16 bits",
            Depth::F32 => "32-bit floats",
        }
    }
}

/// What is known of a picture before its samples.
#[derive(Clone, Debug, PartialEq)]
pub struct Head {
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// What the planes mean.
    pub channels: Channels,
    /// The precision of the samples.
    pub depth: Depth,
    /// What is known beside the samples.
    pub metadata: Metadata,
}

/// A still picture: planar `f32` samples, 0..1 for integer depths, in the encoding of the file (nothing is linearised).
#[derive(Clone, Debug, PartialEq)]
pub struct Image {
    planes: Planes,
    channels: Channels,
    depth: Depth,
    metadata: Metadata,
}

impl Image {
    /// A picture of existing planes, whose number must be that of `channels`.
    pub fn new(planes: Planes, channels: Channels, depth: Depth) -> Result<Image> {
        if planes.channels() != channels.count() {
            return Err(error::argument(format!(
                "a picture of kind {channels:?} needs {} planes, got {}",
                channels.count(),
                planes.channels()
            )));
        }
        Ok(Image { planes, channels, depth, metadata: Metadata::default() })
    }

    /// A picture of one or three planes of colour, kept as grey or RGB.
    pub fn from_planes(planes: Planes, depth: Depth) -> Result<Image> {
        let channels = match planes.channels() {
            1 => Channels::Gray,
            3 => Channels::Rgb,
            n => {
                return Err(error::argument(format!("a picture has 1 or 3 planes of colour, got {n}")));
            }
        };
        Image::new(planes, channels, depth)
    }

    /// An 8-bit RGB picture of one colour.
    pub fn filled_rgb(width: usize, height: usize, rgb: [f32; 3]) -> Image {
        let mut planes = Planes::filled(3, height, width, 0.0);
        for (c, v) in rgb.into_iter().enumerate() {
            planes.plane_mut(c).fill(v);
        }
        Image { planes, channels: Channels::Rgb, depth: Depth::U8, metadata: Metadata::default() }
    }

    /// Everything but the samples.
    pub fn head(&self) -> Head {
        Head {
            width: self.width(),
            height: self.height(),
            channels: self.channels,
            depth: self.depth,
            metadata: self.metadata.clone(),
        }
    }

    /// Columns.
    pub fn width(&self) -> usize {
        self.planes.width()
    }

    /// Rows.
    pub fn height(&self) -> usize {
        self.planes.height()
    }

    /// What the planes mean.
    pub fn channels(&self) -> Channels {
        self.channels
    }

    /// The precision the picture is stored with.
    pub fn depth(&self) -> Depth {
        self.depth
    }

    /// The same picture to be stored with `depth`.
    pub fn with_depth(mut self, depth: Depth) -> Image {
        self.depth = depth;
        self
    }

    /// What is known of the picture beside its samples.
    pub fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// The same picture with this metadata; an ICC profile for another colour space than the channels have is dropped.
    pub fn with_metadata(mut self, metadata: Metadata) -> Image {
        self.metadata = metadata;
        let icc = self.metadata.icc.take();
        self.with_icc(icc)
    }

    /// The ICC profile, if there is one that fits the channels.
    pub fn icc(&self) -> Option<&[u8]> {
        self.metadata.icc.as_deref()
    }

    /// Attaches an ICC profile; one for another colour space than the channels have is dropped.
    pub fn with_icc(mut self, icc: Option<Vec<u8>>) -> Image {
        let space = if self.channels.is_color() { Space::Rgb } else { Space::Gray };
        self.metadata.icc = icc.filter(|icc| profile::space(icc) == Some(space));
        self
    }

    /// The EXIF block without its orientation, which is applied when a file is read.
    pub fn exif(&self) -> Option<&[u8]> {
        self.metadata.exif.as_deref()
    }

    /// Attaches an EXIF block, which must not ask for another orientation.
    pub fn with_exif(mut self, exif: Option<Vec<u8>>) -> Image {
        self.metadata.exif = exif;
        self
    }

    /// The same picture with the metadata of `other`, the ICC profile where it fits the channels.
    pub fn with_metadata_of(self, other: &Image) -> Image {
        self.with_metadata(other.metadata.clone())
    }

    /// The same picture in sRGB, grey in the curve of sRGB, and tagged so. Pictures without a profile are taken for sRGB
    /// already and returned as they are.
    ///
    /// Errors: the profile cannot be read.
    pub fn into_srgb(mut self) -> Result<Image> {
        let Some(icc) = self.metadata.icc.take() else { return Ok(self) };
        let alpha = self.alpha();
        let mut color = self.color_planes();
        profile::to_srgb(&mut color, &icc)?;
        if self.depth != Depth::F32 {
            color = color.map(|v| v.clamp(0.0, 1.0));
        }
        self.planes = match alpha {
            Some(alpha) => color.stacked(&alpha)?,
            None => color,
        };
        self.metadata.icc = Some(if self.channels.is_color() { profile::srgb() } else { profile::srgb_gray() });
        if let Some(block) = &mut self.metadata.exif {
            exif::set_srgb(block);
        }
        Ok(self)
    }

    /// All planes, alpha last.
    pub fn planes(&self) -> &Planes {
        &self.planes
    }

    /// All planes, alpha last.
    pub fn planes_mut(&mut self) -> &mut Planes {
        &mut self.planes
    }

    /// All planes, alpha last.
    pub fn into_planes(self) -> Planes {
        self.planes
    }

    /// The planes without alpha: one or three.
    pub fn color_planes(&self) -> Planes {
        self.planes.select(0, self.channels.count() - usize::from(self.channels.has_alpha()))
    }

    /// The alpha plane, if there is one.
    pub fn alpha(&self) -> Option<Planes> {
        let n = self.channels.count();
        self.channels.has_alpha().then(|| self.planes.select(n - 1, n))
    }

    /// Three planes of red, green and blue without alpha; grey is repeated.
    pub fn rgb_planes(&self) -> Planes {
        let color = self.color_planes();
        if color.channels() == 3 {
            return color;
        }
        let mut out = Planes::filled(3, color.height(), color.width(), 0.0);
        for c in 0..3 {
            out.plane_mut(c).copy_from_slice(color.plane(0));
        }
        out
    }

    /// One plane of full-range luma (0.299, 0.587, 0.114) without alpha.
    pub fn gray_plane(&self) -> Planes {
        let color = self.color_planes();
        if color.channels() == 1 {
            return color;
        }
        let mut out = Planes::filled(1, color.height(), color.width(), 0.0);
        let (r, g, b) = (color.plane(0), color.plane(1), color.plane(2));
        for (i, v) in out.data_mut().iter_mut().enumerate() {
            *v = color::gray(r[i], g[i], b[i]);
        }
        out
    }

    /// The same picture in RGB, with alpha if it had one.
    pub fn into_rgb(self) -> Image {
        if self.channels.is_color() {
            return self;
        }
        let mut planes = self.rgb_planes();
        let mut channels = Channels::Rgb;
        if let Some(alpha) = self.alpha() {
            channels = Channels::Rgba;
            // Both come from one picture, so their sizes agree.
            planes = planes.clone().stacked(&alpha).unwrap_or(planes);
        }
        // A grey profile does not fit colours.
        Image { planes, channels, metadata: Metadata { icc: None, ..self.metadata }, ..self }
    }

    /// The same picture with an alpha plane of the same size.
    pub fn with_alpha(self, alpha: &Planes) -> Result<Image> {
        if alpha.channels() != 1 {
            return Err(error::argument(format!("alpha is one plane, got {}", alpha.channels())));
        }
        Ok(Image { planes: self.color_planes().stacked(alpha)?, channels: self.channels.with_alpha(), ..self })
    }

    /// The same picture without alpha.
    pub fn without_alpha(self) -> Image {
        let channels = if self.channels.is_color() { Channels::Rgb } else { Channels::Gray };
        Image { planes: self.color_planes(), channels, ..self }
    }

    /// The rectangle at column `x` and row `y`, with everything else kept; an error when it is not inside.
    pub fn crop(&self, x: usize, y: usize, width: usize, height: usize) -> Result<Image> {
        Ok(Image {
            planes: self.planes.crop(x, y, width, height)?,
            channels: self.channels,
            depth: self.depth,
            metadata: self.metadata.clone(),
        })
    }

    /// Interleaved 8-bit samples, clamped to 0..1 and rounded to nearest.
    pub fn to_u8(&self) -> Vec<u8> {
        self.interleaved(|v| (v.clamp(0.0, 1.0) * 255.0 + 0.5) as u8)
    }

    /// As a file of 8 bits holds it, without metadata.
    pub fn rounded(&self) -> Result<Image> {
        Image::from_u8(self.width(), self.height(), self.channels, &self.to_u8())
    }

    /// Interleaved 16-bit samples, clamped to 0..1 and rounded to nearest.
    pub fn to_u16(&self) -> Vec<u16> {
        self.interleaved(|v| (v.clamp(0.0, 1.0) * 65535.0 + 0.5) as u16)
    }

    /// Interleaved samples as they are.
    pub fn to_f32(&self) -> Vec<f32> {
        self.interleaved(|v| v)
    }

    fn interleaved<T>(&self, f: impl Fn(f32) -> T) -> Vec<T> {
        let (n, channels) = (self.width() * self.height(), self.channels.count());
        let data = self.planes.data();
        let mut out = Vec::with_capacity(data.len());
        for i in 0..n {
            out.extend((0..channels).map(|c| f(data[c * n + i])));
        }
        out
    }

    /// A picture of interleaved 8-bit samples, `width * height * channels` many.
    pub fn from_u8(width: usize, height: usize, channels: Channels, data: &[u8]) -> Result<Image> {
        let planes = planar(width, height, channels, data, |v| f32::from(v) / 255.0)?;
        Image::new(planes, channels, Depth::U8)
    }

    /// A picture of interleaved 16-bit samples, `width * height * channels` many.
    pub fn from_u16(width: usize, height: usize, channels: Channels, data: &[u16]) -> Result<Image> {
        let planes = planar(width, height, channels, data, |v| f32::from(v) / 65535.0)?;
        Image::new(planes, channels, Depth::U16)
    }

    /// A picture of interleaved float samples, `width * height * channels` many.
    pub fn from_f32(width: usize, height: usize, channels: Channels, data: &[f32]) -> Result<Image> {
        let planes = planar(width, height, channels, data, |v| v)?;
        Image::new(planes, channels, Depth::F32)
    }
}

fn planar<T: Copy>(
    width: usize,
    height: usize,
    channels: Channels,
    data: &[T],
    f: impl Fn(T) -> f32,
) -> Result<Planes> {
    let (n, count) = (data.len() / channels.count(), channels.count());
    let mut out = Vec::with_capacity(data.len());
    for c in 0..count {
        out.extend((0..n).map(|i| f(data[i * count + c])));
    }
    Planes::new(count, height, width, out)
}
