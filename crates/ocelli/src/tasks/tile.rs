//! Sizes of tiles, from plans that are made without touching the device.

use ocelli_runtime::{Report, Session};
use ocelli_tensor::Tensor;
use ocelli_vision::Package;

use super::input_type;
use super::level::Level;
use crate::Error;

/// Largest side of a tile, in pixels.
const LARGEST: usize = 4096;
/// Sides are tried in steps of this, where the model does not ask for others.
const STEP: usize = 16;
/// Most plans that are made to find a size.
const TRIES: usize = 12;
/// Most bytes that a plan takes when nobody set a limit.
const DEFAULT_MEMORY_BYTES: u64 = 2 << 30;
/// Longest time of a call, which cannot be divided between submits: far from a driver's time-out of two seconds.
const CALL_SECONDS: f64 = 0.4;
/// Side of the tile on which speed is measured first.
const TRIAL: usize = 128;

/// A model that pictures are cut for.
pub(super) struct Fitting<'a> {
    pub session: &'a Session,
    pub package: &'a Package,
    pub level: Option<&'a Level>,
    /// Pixels beside a cut that are thrown away.
    pub halo: usize,
    /// Multiples at which tiles start.
    pub align: usize,
    pub noise: Option<f32>,
    /// Rows that a tile should have at most; it has more where the model needs them.
    pub most_rows: usize,
}

impl Fitting<'_> {
    /// The size of tiles with the least to compute of those whose plans fit the device's limits, its memory, and the time
    /// that a call may take; `None` when the whole picture fits.
    pub fn size(&self, width: usize, height: usize) -> Result<Option<(usize, usize)>, Error> {
        let spec = (&self.package.input, &self.package.output);
        let (multiple, pre) = (spec.0.multiple_of.max(1), spec.1.pre_upscale.max(1));
        let grown = |n: usize| (n * pre + 2 * spec.1.crop).next_multiple_of(multiple);
        let (width, height) = (grown(width), grown(height));
        let step = STEP.next_multiple_of(multiple);
        let overlap = 2 * (self.halo + spec.1.crop);
        let least = (overlap + self.align + 1).next_multiple_of(step);
        self.measure_speed(least.max(TRIAL))?;
        // A picture that goes row by row is never whole.
        let high = self.most_rows.max(least + STEP.max(2 * self.halo)) / step * step;
        if width.max(height) <= LARGEST.min(high) && self.fits(width, height)? {
            return Ok(None);
        }
        // The largest square: what fits first, then between that and what does not.
        let (mut fits, mut too_large) = (None, LARGEST + step);
        let mut side = 512.max(least).next_multiple_of(step);
        for _ in 0..TRIES {
            if self.fits(side.min(width), side.min(height).min(high))? {
                fits = Some(side);
            } else {
                too_large = side;
            }
            let from = fits.unwrap_or(least.min(side));
            if too_large <= from + step || (fits.is_none() && side <= least) {
                break;
            }
            side = ((from + too_large) / 2 / step * step).max(least);
        }
        let Some(side) = fits else {
            return Err(Error::Usage(format!(
                "not even a tile of {least} pixels, which the model needs, fits into device memory; raise --memory-limit, or \
                 lower --halo"
            )));
        };
        let even = |n: usize, side: usize| {
            if n <= side {
                return n;
            }
            let tiles = (n - overlap).div_ceil(side - overlap);
            // Where tiles start at multiples, a part of the overlap is lost.
            ((n - overlap).div_ceil(tiles) + overlap + self.align).next_multiple_of(step).min(side)
        };
        Ok(Some((even(width, side), even(height, side.min(high)))))
    }

    fn report(&self, w: usize, h: usize) -> Result<Report, Error> {
        let picture = input_type(self.package, self.package.input.color.channels(), w, h);
        let types = self.level.map_or_else(|| vec![picture.clone()], |l| l.types(picture.clone()));
        Ok(self.session.report(&types)?)
    }

    fn fits(&self, w: usize, h: usize) -> Result<bool, Error> {
        let engine = self.session.engine();
        let budget = engine.memory_limit_bytes().unwrap_or(DEFAULT_MEMORY_BYTES);
        let report = self.report(w, h)?;
        let quick = engine.work_in(CALL_SECONDS).is_none_or(|most| report.largest_call_work <= most);
        Ok(quick && report.largest_buffer_bytes <= engine.summary().max_binding_bytes && report.peak_bytes <= budget)
    }

    /// Runs the model on a small grey picture where nothing is known of the adapter's speed: once to compile, once to measure.
    fn measure_speed(&self, side: usize) -> Result<(), Error> {
        if self.session.engine().work_in(CALL_SECONDS).is_some() || !self.fits(side, side)? {
            return Ok(());
        }
        let picture = input_type(self.package, self.package.input.color.channels(), side, side);
        let gray = Tensor::zeros(picture.dtype, &picture.shape)?;
        let inputs = match (self.level, &self.package.input.noise) {
            (Some(level), Some(spec)) => level.inputs(gray, spec, self.noise)?,
            _ => vec![gray],
        };
        for _ in 0..2 {
            // What goes wrong here is told by the first tile.
            if let Err(e) = self.session.run(&inputs) {
                log::debug!("measuring the speed: {e}");
                break;
            }
        }
        self.session.release();
        Ok(())
    }
}
