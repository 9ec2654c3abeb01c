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

    /// How tiles of this picture go through the model, with what stands before and beside them.
    pub fn pass(&self, runs: Runs) -> Pass<'a> {
        Pass { package: self.package, runs, is_fixed: self.is_fixed, is_whole: false }
    }
}

/// The place of a pass among all that a picture takes, in runs of the model for each tile.
#[derive(Clone, Copy)]
pub struct Runs {
    pub before: usize,
    pub all: usize,
}

/// How tiles go through a model.
#[derive(Clone, Copy)]
pub struct Pass<'a> {
    pub package: &'a Package,
    pub runs: Runs,
    /// Whether the model takes one size alone: then there are no smaller tiles.
    pub is_fixed: bool,
    /// Whether the picture was brought to that size.
    pub is_whole: bool,
}

impl Pass<'_> {
    /// What the model makes of planes in 0..1, back in 0..1: of all together or, for a model of `each`, of one after the other.
    pub fn tile<E: From<VisionError>>(
        &self,
        tile: &Tile,
        part: Planes,
        model: &mut Model<'_, E>,
    ) -> Result<Answer<Planes, E>, E> {
        let n = part.channels();
        let runs = if self.package.input.color == ColorOrder::Each { n } else { 1 };
        let parts = if runs == 1 { vec![part] } else { (0..n).map(|c| part.select(c, c + 1)).collect() };
        let mut all: Option<Planes> = None;
        for (c, planes) in parts.into_iter().enumerate() {
            let index = tile.index * runs + c;
            let step =
                Step { index: self.runs.before * tile.count + index, count: self.runs.all.max(runs) * tile.count };
            let result = match model(step, preprocess::encode(planes, &self.package.input)?)? {
                Answer::TooLarge(e) if self.is_fixed => return Err(e),
                Answer::TooLarge(e) => return Ok(Answer::TooLarge(e)),
                Answer::Gone(e) => return Ok(Answer::Gone(e)),
                Answer::Done(result) => self.decoded(Step { index, count: tile.count * runs }, &result, tile)?,
            };
            all = Some(match all {
                Some(before) => before.stacked(&result)?,
                None => result,
            });
        }
        Ok(Answer::Done(all.ok_or_else(|| crate::error::argument("a picture without planes"))?))
    }

    /// A result in 0..1, which must be finite.
    fn decoded(&self, step: Step, tensor: &Tensor, tile: &Tile) -> Result<Planes> {
        let output = &self.package.output;
        let result = preprocess::decode_planes(tensor, output.layout.unwrap_or(self.package.input.layout))?;
        if let Some(i) = result.data().iter().position(|v| !v.is_finite()) {
            let (w, h) = (result.width(), result.height());
            let place = if self.is_whole {
                "the whole picture".to_owned()
            } else {
                format!("tile of {}x{} at ({}, {})", tile.width, tile.height, tile.x, tile.y)
            };
            return Err(VisionError::NotFinite {
                model: self.package.name.clone(),
                index: step.index,
                count: step.count,
                place: format!("{place}: {} at ({}, {}) of the result", result.data()[i], i % w, i / w % h),
            });
        }
        let [low, high] = output.range;
        Ok(result.map(|v| (v - low) / (high - low)))
    }
}

fn lcm(a: usize, b: usize) -> usize {
    let mut pair = (a, b);
    while pair.1 > 0 {
        pair = (pair.1, pair.0 % pair.1);
    }
    (a / pair.0.max(1)).saturating_mul(b)
}
