//! Models that answer with a picture: upscaling, denoising, enhancing, style.
//!
//! [`run`] does everything around the model: colours and range, bicubic enlargement before the net, padding for
//! multiples and eaten borders, tiles, chroma beside a luma net, alpha, and putting it all together.

use ocelli_tensor::Tensor;

use crate::color;
use crate::error::{self, Result, VisionError};
use crate::image::Image;
use crate::package::{ColorOrder, Fit, InputSpec, OutputSpec, Package};
use crate::planes::Planes;
use crate::preprocess::{self, swapped};
use crate::resample::{self, Filter};
use crate::tiling::{self, Tile, Tiling};

/// What the caller knows beyond the package.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Width and height that the model file demands, when it does.
    pub fixed: Option<(usize, usize)>,
    /// Largest width and height to give the model at once, in pixels of its input; unset: the whole picture.
    pub tile: Option<(usize, usize)>,
    /// Pixels beside a cut whose result is thrown away; unset: what the package says, or else 16.
    pub halo: Option<usize>,
}

/// How far a run has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// Which run of the model this is, from 0.
    pub index: usize,
    /// How many there are.
    pub count: usize,
}

const DEFAULT_HALO_PX: usize = 16;

/// Runs `model` on `image` as the package says and returns the picture it makes: `scale` times larger, with the
/// depth, alpha (enlarged by bicubic interpolation), ICC profile and EXIF block of `image`.
///
/// `model` gets tensors of the package's layout and returns the output that is the picture. An error of `model` ends
/// the run, and so does a result that is not finite: it never becomes a black picture.
pub fn run<E: From<VisionError>>(
    image: &Image,
    package: &Package,
    options: &Options,
    mut model: impl FnMut(Step, Tensor) -> Result<Tensor, E>,
) -> Result<Image, E> {
    if !package.task.is_picture() {
        return Err(error::argument(format!(
            "the model {:?} is for {:?} and does not answer with a picture",
            package.name,
            package.task.name()
        ))
        .into());
    }
    let (input, output) = (&package.input, &package.output);
    let planes = preprocess::model_planes(image, input.color);
    let size = (image.width() * output.scale, image.height() * output.scale);
    let result = if input.color == ColorOrder::Each {
        let runs = planes.channels();
        let mut all: Option<Planes> = None;
        for c in 0..runs {
            let plane = planes.select(c, c + 1);
            let part = through_model(&plane, input, output, options, &mut |step: Step, t| {
                let step = Step { index: c * step.count + step.index, count: runs * step.count };
                model(step, t)
            })?;
            all = Some(match all {
                Some(before) => before.stacked(&part)?,
                None => part,
            });
        }
        all.ok_or_else(|| error::argument("a picture without planes"))?
    } else {
        through_model(&planes, input, output, options, &mut model)?
    };
    Ok(assemble(image, input.color, result, size)?)
}

/// From planes in 0..1 in the model's colours to the model's result in 0..1, exactly `scale` times as large.
fn through_model<E: From<VisionError>>(
    planes: &Planes,
    input: &InputSpec,
    output: &OutputSpec,
    options: &Options,
    model: &mut dyn FnMut(Step, Tensor) -> Result<Tensor, E>,
) -> Result<Planes, E> {
    let pre = output.pre_upscale;
    let enlarged;
    let planes = if pre > 1 {
        enlarged = resample::imresize(planes, planes.width() * pre, planes.height() * pre)?;
        &enlarged
    } else {
        planes
    };
    let net_scale = output.scale / pre.max(1);
    let (width, height) = (planes.width() * net_scale, planes.height() * net_scale);
    let layout = output.layout.unwrap_or(input.layout);
    let [low, high] = output.range;
    let fixed = input.fixed_size(options.fixed);
    let mut run_one = |step: Step, part: Planes| -> Result<Planes, E> {
        let result = model(step, preprocess::encode(part, input)?)?;
        let result = preprocess::decode_planes(&result, layout)?;
        if result.data().iter().any(|v| !v.is_finite()) {
            return Err(VisionError::NotFinite { index: step.index, count: step.count }.into());
        }
        Ok(result.map(|v| (v - low) / (high - low)))
    };
    if let Some((fixed_w, fixed_h)) = fixed
        && input.fit != Fit::Tile
    {
        let (part, geometry) = preprocess::fit(planes, input, fixed_w, fixed_h)?;
        if input.fit == Fit::Crop {
            return Err(error::argument(
                "fit = \"crop\" would lose a part of the picture; use \"stretch\", \"letterbox\" or \"tile\"",
            )
            .into());
        }
        let result = run_one(Step { index: 0, count: 1 }, part)?;
        let s = net_scale as f32;
        let span = |at: f32, n: usize, scale: f32| ((at * s).round() as usize, (n as f32 * scale * s).round() as usize);
        let (x, w) = span(geometry.offset.0, planes.width(), geometry.scale.0);
        let (y, h) = span(geometry.offset.1, planes.height(), geometry.scale.1);
        let result = result.crop(x, y, w, h)?;
        return Ok(resample::resize(&result, width, height, Filter::Bicubic, true)?);
    }
    let eaten = output.crop;
    let multiple = input.multiple_of.max(1);
    let (tile_w, tile_h) = match (fixed, options.tile) {
        (Some(fixed), _) => fixed,
        (None, Some((w, h))) => {
            let down = |n: usize| (n / multiple).max(1) * multiple;
            (down(w), down(h))
        }
        (None, None) => (usize::MAX, usize::MAX),
    };
    // Sizes that the model takes: a multiple and, where the model has one size, at least that.
    let least = |tile: usize| match fixed {
        Some(_) => tile.saturating_sub(2 * eaten),
        None => 0,
    };
    let grown = |n: usize, tile: usize| (n + 2 * eaten).next_multiple_of(multiple).max(least(tile) + 2 * eaten);
    let right = grown(planes.width(), tile_w) - planes.width() - eaten;
    let bottom = grown(planes.height(), tile_h) - planes.height() - eaten;
    let padded = planes.padded(eaten, eaten, right, bottom, preprocess::border(input.pad));
    let tiling = Tiling {
        tile_width: tile_w,
        tile_height: tile_h,
        halo: options.halo.or(output.halo).unwrap_or(DEFAULT_HALO_PX),
        multiple_of: multiple,
        scale: net_scale,
        eaten,
    };
    let result = tiling::run(&padded, &tiling, |tile: &Tile, part| {
        let step = Step { index: tile.index, count: tile.count };
        run_one(step, part)
    })?;
    Ok(result.crop(0, 0, width, height)?)
}

/// The model's planes as a picture: colours in order, chroma and alpha put back, clamped to 0..1.
fn assemble(image: &Image, color: ColorOrder, result: Planes, (width, height): (usize, usize)) -> Result<Image> {
    let expected = match color {
        ColorOrder::Each => image.color_planes().channels(),
        other => other.channels(),
    };
    if result.channels() != expected && !(expected == 3 && result.channels() == 1) {
        return Err(error::shape(
            "the model's picture",
            format!("{expected} channels"),
            &[result.channels(), result.height(), result.width()],
        ));
    }
    let planes = match color {
        ColorOrder::Bgr => swapped(result),
        ColorOrder::Y if image.channels().is_color() => {
            let chroma = color::rgb_to_ycbcr(&image.color_planes()).select(1, 3);
            let chroma = resample::imresize(&chroma, width, height)?;
            color::ycbcr_to_rgb(&result.stacked(&chroma)?)
        }
        ColorOrder::Y => result.map(|v| (v * 255.0 - 16.0) / 219.0),
        _ => result,
    };
    // A colour model that was fed grey answers in three planes; they are the picture.
    let mut out = Image::from_planes(clamped(planes), image.depth())?;
    if let Some(alpha) = image.alpha() {
        let alpha = resample::imresize(&alpha, width, height)?;
        out = out.with_alpha(&clamped(alpha))?;
    }
    Ok(out.with_metadata_of(image))
}

fn clamped(planes: Planes) -> Planes {
    planes.map(|v| v.clamp(0.0, 1.0))
}

#[cfg(test)]
#[path = "restore_tests.rs"]
mod tests;
