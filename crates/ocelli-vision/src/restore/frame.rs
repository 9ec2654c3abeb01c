use ocelli_tensor::Tensor;

use super::{Answer, Model, Options, Step};
use crate::error::{Result, VisionError};
use crate::package::{ColorOrder, Package};
use crate::planes::{Border, Planes};
use crate::preprocess;
use crate::tiling::{Tile, Tiling};

/// How a picture of some size, enlarged before the net if that is asked for, is padded and cut for a model.
pub struct Frame<'a> {
    package: &'a Package,
    /// Pixels that are added on the left and at the top, where the model takes as many away.
    pub eaten: usize,
    /// Pixels that are added on the right.
    pub right: usize,
    /// Pixels that are added at the bottom.
    pub bottom: usize,
    /// Where these come from.
    pub border: Border,
    pub tiling: Tiling,
    /// Whether the model takes one size alone.
    is_fixed: bool,
}

impl<'a> Frame<'a> {
    pub fn new(package: &'a Package, options: &Options, (width, height): (usize, usize)) -> Frame<'a> {
        let (input, output) = (&package.input, &package.output);
        let fixed = input.fixed_size(options.fixed);
        let eaten = output.crop;
        let multiple = input.multiple_of.max(1);
        let align = lcm(multiple, options.align.max(1));
        let (tile_w, tile_h) = match (fixed, options.tile) {
            (Some(fixed), _) => fixed,
            (None, Some((w, h))) => {
                let down = |n: usize| (n / multiple).max(1) * multiple;
                (down(w), down(h))
            }
            (None, None) => (usize::MAX, usize::MAX),
        };
        // Sizes that the model takes: a multiple and, where the model has one size, that and steps between tiles.
        let grown = |n: usize, tile: usize| match fixed {
            Some(_) => tile + (n + 2 * eaten).saturating_sub(tile).next_multiple_of(align),
            None => (n + 2 * eaten).next_multiple_of(multiple),
        };
        Frame {
            package,
            eaten,
            right: grown(width, tile_w) - width - eaten,
            bottom: grown(height, tile_h) - height - eaten,
            border: preprocess::border(input.pad),
            tiling: Tiling {
                tile_width: tile_w,
                tile_height: tile_h,
                halo: options.halo.or(output.halo).unwrap_or(super::DEFAULT_HALO_PX),
                multiple_of: align,
                scale: output.scale / output.pre_upscale.max(1),
                eaten,
            },
            is_fixed: fixed.is_some(),
        }
    }

    /// What tiles are cut from.
    pub fn padded(&self, planes: &Planes) -> Planes {
        planes.padded(self.eaten, self.eaten, self.right, self.bottom, self.border)
    }

    /// What the model makes of a tile.
    pub fn run_tile<E: From<VisionError>>(
        &self,
        tile: &Tile,
        part: Planes,
        model: &mut Model<'_, E>,
    ) -> Result<Answer<Planes, E>, E> {
        let step = Step { index: tile.index, count: tile.count };
        let place = format!("tile of {}x{} at ({}, {})", tile.width, tile.height, tile.x, tile.y);
        match run_one(self.package, step, part, &place, model)? {
            // A model of one size has no smaller tiles.
            Answer::TooLarge(e) if self.is_fixed => Err(e),
            other => Ok(other),
        }
    }
}

/// What the model makes of planes in 0..1, back in 0..1: of all together or, for a model of `each`, of one after the other.
pub fn run_one<E: From<VisionError>>(
    package: &Package,
    step: Step,
    part: Planes,
    place: &str,
    model: &mut Model<'_, E>,
) -> Result<Answer<Planes, E>, E> {
    let n = part.channels();
    let runs = if package.input.color == ColorOrder::Each { n } else { 1 };
    let parts = if runs == 1 { vec![part] } else { (0..n).map(|c| part.select(c, c + 1)).collect() };
    let mut all: Option<Planes> = None;
    for (c, planes) in parts.into_iter().enumerate() {
        let step = Step { index: step.index * runs + c, count: step.count * runs };
        let result = match model(step, preprocess::encode(planes, &package.input)?)? {
            Answer::TooLarge(e) => return Ok(Answer::TooLarge(e)),
            Answer::Done(result) => decoded(package, step, &result, place)?,
        };
        all = Some(match all {
            Some(before) => before.stacked(&result)?,
            None => result,
        });
    }
    Ok(Answer::Done(all.ok_or_else(|| crate::error::argument("a picture without planes"))?))
}

/// A result in 0..1, which must be finite.
fn decoded(package: &Package, step: Step, tensor: &Tensor, place: &str) -> Result<Planes> {
    let result = preprocess::decode_planes(tensor, package.output.layout.unwrap_or(package.input.layout))?;
    if let Some(i) = result.data().iter().position(|v| !v.is_finite()) {
        let (w, h) = (result.width(), result.height());
        return Err(VisionError::NotFinite {
            model: package.name.clone(),
            index: step.index,
            count: step.count,
            place: format!("{place}: {} at ({}, {}) of the result", result.data()[i], i % w, i / w % h),
        });
    }
    let [low, high] = package.output.range;
    Ok(result.map(|v| (v - low) / (high - low)))
}

fn lcm(a: usize, b: usize) -> usize {
    let mut pair = (a, b);
    while pair.1 > 0 {
        pair = (pair.1, pair.0 % pair.1);
    }
    (a / pair.0.max(1)).saturating_mul(b)
}
