//! Models that answer with a picture: upscaling, denoising, enhancing, style.
//!
//! [`run`] does everything around the model: colours and range, light, bicubic enlargement before the net, padding for
//! multiples and eaten borders, tiles, chroma beside a luma net, alpha, and putting it all together.
//!
//! Colours go through the model with what stands under transparent pixels replaced by the colours beside them, so that
//! edges get no halo. Alpha is enlarged by the model too, as a grey picture, and stays exact where it is flat; where the model
//! does not enlarge, alpha stays as it is. Grey stays grey, but for models of style.

mod crew;
mod frame;
mod rows;

use std::ops::Range;

use ocelli_tensor::Tensor;

use self::crew::Crew;
pub use self::crew::{Models, Shared};
use self::frame::{Frame, Pass, Runs};
pub use self::rows::{RowSource, head_of_result, held_whole, rows_within, run_rows};
use crate::alpha;
use crate::color;
use crate::error::{self, Result, VisionError};
use crate::image::{Channels, Depth, Image};
use crate::package::{ColorOrder, Fit, Light, Package, Task};
use crate::planes::Planes;
use crate::preprocess::{self, swapped};
use crate::profile::Curves;
use crate::resample::{self, Filter};
pub use crate::tiling::Answer;
use crate::tiling::{self, Tally, Tile, Tiling};

/// What the caller knows beyond the package.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Width and height that the model file demands, when it does.
    pub fixed: Option<(usize, usize)>,
    /// Largest width and height to give the model at once, in pixels of its input; unset: the whole picture.
    pub tile: Option<(usize, usize)>,
    /// Pixels beside a cut whose result is thrown away; unset: what the package says, or else 16.
    pub halo: Option<usize>,
    /// Tiles start at multiples of this, beside those that the package asks for; 0 and 1 are the same.
    pub align: usize,
}

/// A picture that a model made, and how.
#[derive(Debug)]
pub struct Restored {
    /// The picture.
    pub image: Image,
    /// How it was cut.
    pub cuts: Cuts,
}

/// How a picture was cut for a model.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Cuts {
    /// Runs of the model.
    pub runs: usize,
    /// Whether there are tiles.
    pub tiled: bool,
    /// Pixels beside a cut whose result was thrown away; 0 without cuts.
    pub halo: usize,
    /// Largest difference between two neighbouring tiles' results for the same sample beside a cut, where white less black
    /// is 1. It is what a too small halo shows as a seam.
    pub seam: f32,
}

impl Cuts {
    /// Of tiles with `runs` runs of the model each.
    fn of(tally: &Tally, tiling: &Tiling, runs: usize) -> Cuts {
        let tiled = tally.tiles > 1;
        Cuts { runs: tally.tiles * runs, tiled, halo: if tiled { tiling.halo } else { 0 }, seam: tally.seam }
    }

    /// Both together.
    #[must_use]
    pub fn and(self, other: Cuts) -> Cuts {
        Cuts {
            runs: self.runs + other.runs,
            tiled: self.tiled || other.tiled,
            halo: self.halo.max(other.halo),
            seam: self.seam.max(other.seam),
        }
    }
}

/// How far a run has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// Which run of the model this is, from 0.
    pub index: usize,
    /// How many there are.
    pub count: usize,
}

/// A model as the functions here take it: it gets tensors of the package's layout.
pub type Model<'a, E> = dyn FnMut(Step, Tensor) -> Result<Answer<Tensor, E>, E> + 'a;

/// The halo where neither the caller nor the package says one.
pub const DEFAULT_HALO_PX: usize = 16;

/// Most pixels of a result, whose planes are held in memory as a whole.
const MOST_PIXELS: u64 = 1 << 30;

/// Runs `model` on `image` as the package says and returns the picture it makes: `scale` times larger, with the
/// depth and metadata of `image`. Results are clamped to 0..1 unless the depth is float.
///
/// `model` gets tensors of the package's layout and returns the output that is the picture. An error of `model` ends
/// the run, and so does a result that is not finite: it never becomes a black picture.
pub fn run<E: From<VisionError> + Send>(
    image: &Image,
    package: &Package,
    options: &Options,
    mut model: impl FnMut(Step, Tensor) -> Result<Tensor, E>,
) -> Result<Image, E> {
    Ok(run_cut(image, package, options, |step, t| model(step, t).map(Answer::Done))?.image)
}

/// [`run`] with a model that may answer that a tensor is too large for it: then tiles are made smaller, and what has been
/// computed is kept. Tells how the picture was cut.
pub fn run_cut<E: From<VisionError> + Send>(
    image: &Image,
    package: &Package,
    options: &Options,
    mut model: impl FnMut(Step, Tensor) -> Result<Answer<Tensor, E>, E>,
) -> Result<Restored, E> {
    run_with(image, package, options, Models::One(&mut model))
}

/// [`run_cut`] with one model or several, which take tiles from a queue; the result does not depend on which of them
/// takes which, as far as they agree.
pub fn run_with<E: From<VisionError> + Send>(
    image: &Image,
    package: &Package,
    options: &Options,
    models: Models<'_, E>,
) -> Result<Restored, E> {
    crew::with(models, |crew| restored(image, package, options, crew))
}

fn restored<'p, E: From<VisionError>>(
    image: &Image,
    package: &'p Package,
    options: &Options,
    crew: &mut dyn Crew<'p, E>,
) -> Result<Restored, E> {
    if !package.task.is_picture() {
        return Err(error::argument(format!(
            "the model {:?} is for {:?} and does not answer with a picture",
            package.name,
            package.task.name()
        ))
        .into());
    }
    let scale = package.output.scale;
    let (width, height) = (image.width() * scale, image.height() * scale);
    let pixels = (width as u64).saturating_mul(height as u64);
    if pixels > MOST_PIXELS {
        let what = "pixels of the result".to_owned();
        return Err(VisionError::Limit { what, got: pixels, limit: MOST_PIXELS }.into());
    }
    let curves = light(image.icc(), package.input.light)?;
    let mut color = image.color_planes();
    let source_alpha = image.alpha();
    if let Some(alpha) = &source_alpha {
        color = alpha::bled(&color, alpha);
    }
    if let Some((own, wanted)) = &curves {
        Curves::convert(own, wanted, &mut color);
    }
    let opaque = Image::from_planes(color, image.depth())?;
    let alpha_image = match &source_alpha {
        Some(alpha) if scale > 1 && !is_flat(alpha) => Some(Image::from_planes(alpha.clone(), Depth::F32)?),
        _ => None,
    };

    let runs = |image: &Image| match package.input.color {
        ColorOrder::Each => image.channels().count(),
        _ => 1,
    };
    let all = runs(&opaque) + alpha_image.as_ref().map_or(0, runs);
    let (mut passed, mut cuts) = (0, Cuts::default());
    let mut tile = options.tile;
    let mut pass = |image: &Image| -> Result<Planes, E> {
        let planes = preprocess::model_planes(image, package.input.color);
        let (options, count) = (Options { tile, ..*options }, runs(image));
        let through = through_model(&planes, package, &options, Runs { before: passed, all }, crew)?;
        // What was too large once is not tried again.
        (tile, passed, cuts) = (through.tile, passed + count, cuts.and(through.cuts));
        let chroma = || chroma_of(image.planes(), 0, image.height(), 0..height, (width, height));
        Ok(in_colors(image.channels(), package.input.color, through.planes, chroma)?)
    };
    let mut planes = pass(&opaque)?;
    if let Some((own, wanted)) = &curves {
        Curves::convert(wanted, own, &mut planes);
    }
    if !opaque.channels().is_color() && package.task != Task::Style {
        planes = as_gray(planes);
    }
    if image.depth() != Depth::F32 {
        planes = clamped(planes);
    }
    let mut out = Image::from_planes(planes, image.depth())?;
    if let Some(source) = source_alpha {
        let enlarged = match &alpha_image {
            Some(alpha) => alpha::settled(as_gray(pass(alpha)?), &source, scale),
            None if scale == 1 => source,
            None => Planes::filled(1, height, width, source.data()[0]),
        };
        out = out.with_alpha(&enlarged)?;
    }
    Ok(Restored { image: out.with_metadata_of(image), cuts })
}

/// The curves of the picture and those that the model wants, where they differ: a model for encoded values is fed so
/// even where a file holds linear light.
fn light(icc: Option<&[u8]>, wanted: Light) -> Result<Option<(Curves, Curves)>> {
    let own = Curves::of(icc);
    match (wanted, own) {
        (Light::Encoded, Some(own)) if own.are_linear() => Ok(Some((own, Curves::srgb()))),
        (Light::Encoded, _) => Ok(None),
        (Light::Linear, Some(own)) => Ok(Some((own, Curves::linear()))),
        (Light::Linear, None) => Err(error::argument(
            "the model wants linear light, and the picture's ICC profile has no curves to come there; convert the \
             picture to sRGB",
        )),
    }
}

fn is_flat(plane: &Planes) -> bool {
    plane.data().iter().all(|v| *v == plane.data()[0])
}

/// What [`through_model`] makes.
struct Through {
    planes: Planes,
    cuts: Cuts,
    /// The size of tiles that fitted.
    tile: Option<(usize, usize)>,
}

/// From planes in 0..1 in the model's colours to the model's result in 0..1, exactly `scale` times as large.
fn through_model<'p, E: From<VisionError>>(
    planes: &Planes,
    package: &'p Package,
    options: &Options,
    place: Runs,
    crew: &mut dyn Crew<'p, E>,
) -> Result<Through, E> {
    let (input, output) = (&package.input, &package.output);
    let pre = output.pre_upscale;
    let enlarged;
    let planes = if pre > 1 {
        enlarged = resample::imresize(planes, planes.width() * pre, planes.height() * pre)?;
        &enlarged
    } else {
        planes
    };
    let net_scale = output.scale / pre.max(1);
    let runs = planes.channels() / input.color.channels();
    let (width, height) = (planes.width() * net_scale, planes.height() * net_scale);
    if let Some((fixed_w, fixed_h)) = input.fixed_size(options.fixed)
        && input.fit != Fit::Tile
    {
        let (part, geometry) = preprocess::fit(planes, input, fixed_w, fixed_h)?;
        if input.fit == Fit::Crop {
            return Err(error::argument(
                "fit = \"crop\" would lose a part of the picture; use \"stretch\", \"letterbox\" or \"tile\"",
            )
            .into());
        }
        let tile = Tile { index: 0, count: 1, x: 0, y: 0, width: part.width(), height: part.height() };
        let pass = Pass { package, runs: place, is_fixed: true, is_whole: true };
        let result = match crew.tile(pass, &tile, &[], &mut |_| Ok(part.clone()))? {
            Answer::Done(result) => result,
            Answer::TooLarge(e) | Answer::Gone(e) => return Err(e),
        };
        let s = net_scale as f32;
        let span = |at: f32, n: usize, scale: f32| ((at * s).round() as usize, (n as f32 * scale * s).round() as usize);
        let (x, w) = span(geometry.offset.0, planes.width(), geometry.scale.0);
        let (y, h) = span(geometry.offset.1, planes.height(), geometry.scale.1);
        let result = result.crop(x, y, w, h)?;
        let planes = resample::resize(&result, width, height, Filter::Bicubic, true)?;
        return Ok(Through { planes, cuts: Cuts { runs, ..Cuts::default() }, tile: options.tile });
    }
    let frame = Frame::new(package, options, (planes.width(), planes.height()));
    let padded = frame.padded(planes);
    let mut tiling = frame.tiling;
    let mut cut = |tile: &Tile| padded.crop(tile.x, tile.y, tile.width, tile.height);
    let mut model = |tile: &Tile, ahead: &[Tile]| crew.tile(frame.pass(place), tile, ahead, &mut cut);
    let joined = tiling::run((padded.width(), padded.height()), &mut tiling, &mut model)?;
    let tile = if tiling == frame.tiling { options.tile } else { Some((tiling.tile_width, tiling.tile_height)) };
    let cuts = Cuts::of(&joined.tally, &tiling, runs);
    Ok(Through { planes: joined.planes.crop(0, 0, width, height)?, cuts, tile })
}

/// The model's planes in the colours of a picture of one or three: in order, with the picture's chroma put back.
fn in_colors(
    channels: Channels,
    color: ColorOrder,
    result: Planes,
    chroma: impl FnOnce() -> Result<Planes>,
) -> Result<Planes> {
    let expected = match color {
        ColorOrder::Each => channels.count(),
        other => other.channels(),
    };
    if result.channels() != expected && !(expected == 3 && result.channels() == 1) {
        return Err(error::shape(
            "the model's picture",
            format!("{expected} channels"),
            &[result.channels(), result.height(), result.width()],
        ));
    }
    Ok(match color {
        ColorOrder::Bgr => swapped(result),
        ColorOrder::Y if channels == Channels::Rgb => color::ycbcr_to_rgb(&result.stacked(&chroma()?)?),
        ColorOrder::Y => result.map(|v| (v * 255.0 - 16.0) / 219.0),
        _ => result,
    })
}

/// The chroma of a picture's rows from `first` on, enlarged to some `rows` of a picture of this size.
fn chroma_of(colors: &Planes, first: usize, height: usize, rows: Range<usize>, size: (usize, usize)) -> Result<Planes> {
    let chroma = color::rgb_to_ycbcr(colors).select(1, 3);
    resample::imresize_rows(&chroma, first, height, rows, size)
}

/// Three planes of nearly grey as one: their luma, or their value where they are equal.
fn as_gray(planes: Planes) -> Planes {
    if planes.channels() == 1 {
        return planes;
    }
    let mut out = planes.select(0, 1);
    let (r, g, b) = (planes.plane(0), planes.plane(1), planes.plane(2));
    for (i, v) in out.data_mut().iter_mut().enumerate() {
        if r[i] != g[i] || g[i] != b[i] {
            *v = color::gray(r[i], g[i], b[i]);
        }
    }
    out
}

fn clamped(planes: Planes) -> Planes {
    planes.map(|v| v.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests;
