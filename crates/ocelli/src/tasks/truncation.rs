//! What a halo that is too small costs: measured on pictures that are hard on it.

use ocelli_graph::plan::GRANULE;
use ocelli_vision::{Channels, Depth, Image, Planes};

use super::{Progress, RestoreOptions, Task};
use crate::Error;

/// Pixels beside the halo on either side of a cut.
const MARGIN: usize = 24;

/// Largest halo that is measured.
const MOST: usize = 256;

/// How much tiles differ from the whole picture with a halo that is smaller than what the model sees.
///
/// Found by cutting pictures of noise, blocks, checks and slopes once on each side: a difference at some distance from a cut is
/// seen by every halo up to that distance. A pixel beside a corner may suffer from two cuts, so that the two axes are added,
/// and other pictures may be harder, so that the sum is doubled.
#[derive(Clone, Debug, PartialEq)]
pub struct Truncation {
    /// The halo with which tiles equal the whole picture.
    pub needed: usize,
    /// Along rows and along columns: the largest difference at each distance from a cut or beyond it, where white less black is 1.
    axes: [Vec<f32>; 2],
}

impl Truncation {
    /// Largest difference between tiles with this halo and the whole picture, where white less black is 1.
    pub fn difference(&self, halo: usize) -> f32 {
        2.0 * self.axes.iter().map(|axis| axis.get(halo).copied().unwrap_or(0.0)).sum::<f32>()
    }

    /// The smallest halo that leaves at most this difference.
    pub fn least_halo(&self, difference: f32) -> usize {
        (0..self.needed).find(|&halo| self.difference(halo) <= difference).unwrap_or(self.needed)
    }
}

impl Task {
    /// Measures what truncated halos cost; `None` for models that have no halo, be it because they look at the whole picture, for those of
    /// one size, and for those that see farther than 256 pixels.
    ///
    /// Errors: those of [`Task::restore`].
    pub fn truncation(&self, progress: &mut Progress<'_>) -> Result<Option<Truncation>, Error> {
        let Some(needed) = self.field.as_ref().and_then(|f| f.halo()).filter(|h| (1..=MOST).contains(h)) else {
            return Ok(None);
        };
        if self.fixed.is_some() {
            return Ok(None);
        }
        let align = self.field.as_ref().map_or(1, |f| f.alignment(GRANULE)).max(1);
        let multiple = self.package.input.multiple_of.max(1);
        let step = (1..=multiple).map(|k| k * align).find(|n| n % multiple == 0).unwrap_or(align * multiple);
        let output = &self.package.output;
        let pre = output.pre_upscale.max(1);
        // Chroma beside a net of luma is enlarged otherwise, and not by tiles.
        let channels = if self.package.input.color.channels() == 3 { Channels::Rgb } else { Channels::Gray };
        let half = (needed + MARGIN).div_ceil(pre).next_multiple_of(step);
        let mut axes = [vec![0.0f32; needed], vec![0.0f32; needed]];
        let side = 2 * half;
        let pictures =
            [noise(channels, side)?, blocks(channels, side)?, checks(channels, side)?, slopes(channels, side)?];
        let runs = 5 * pictures.len();
        let mut done = 0;
        let mut run = |image: &Image| {
            let mut within = |part: f32| progress((done as f32 + part) / runs as f32);
            let out = self.restore(image, &RestoreOptions::default(), &mut within)?;
            done += 1;
            Ok::<_, Error>(out.into_planes())
        };
        for picture in &pictures {
            let whole = run(picture)?;
            for (axis, differences) in axes.iter_mut().enumerate() {
                for after in [false, true] {
                    // What lies before the cut, or behind it.
                    let from = if after { half } else { 0 };
                    let part = if axis == 0 {
                        picture.crop(0, from, side, half)?
                    } else {
                        picture.crop(from, 0, half, side)?
                    };
                    let tile = run(&part)?;
                    let by_distance = by_distance(&whole, &tile, axis, after, output.scale / pre, needed);
                    differences.iter_mut().zip(by_distance).for_each(|(most, new)| *most = most.max(new));
                }
            }
        }
        for axis in &mut axes {
            // A halo keeps all that lies farther from the cut than it.
            let mut most = 0.0f32;
            for value in axis.iter_mut().rev() {
                most = most.max(*value);
                *value = most;
            }
        }
        Ok(Some(Truncation { needed, axes }))
    }
}

/// The largest difference at each distance from the cut, in pixels of the model's input, of which it makes `scale` samples.
fn by_distance(whole: &Planes, tile: &Planes, axis: usize, after: bool, scale: usize, needed: usize) -> Vec<f32> {
    let (length, all) = if axis == 0 { (tile.height(), whole.height()) } else { (tile.width(), whole.width()) };
    let offset = if after { all - length } else { 0 };
    let mut out = vec![0.0f32; needed];
    for c in 0..tile.channels() {
        for y in 0..tile.height() {
            for x in 0..tile.width() {
                let (at, (oy, ox)) = if axis == 0 { (y, (y + offset, x)) } else { (x, (y, x + offset)) };
                let from_cut = if after { at } else { length - 1 - at };
                if let Some(most) = out.get_mut(from_cut / scale) {
                    *most = most.max((whole.at(c, oy, ox) - tile.at(c, y, x)).abs());
                }
            }
        }
    }
    out
}

/// A square picture of `f(channel, row, column)`.
fn made(channels: Channels, n: usize, mut f: impl FnMut(usize, usize, usize) -> f32) -> Result<Image, Error> {
    let mut planes = Planes::filled(channels.count(), n, n, 0.0);
    for c in 0..channels.count() {
        for (i, v) in planes.plane_mut(c).iter_mut().enumerate() {
            *v = f(c, i / n, i % n);
        }
    }
    Ok(Image::new(planes, channels, Depth::F32)?)
}

/// Numbers in 0..1, the same every time.
fn random() -> impl FnMut() -> f32 {
    let mut state = 12_345u32;
    move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / (1u32 << 24) as f32
    }
}

/// Every sample by chance.
fn noise(channels: Channels, n: usize) -> Result<Image, Error> {
    let mut next = random();
    made(channels, n, |_, _, _| next())
}

/// Black and white by chance, in squares whose side grows from the left.
fn blocks(channels: Channels, n: usize) -> Result<Image, Error> {
    let mut next = random();
    let bits: Vec<bool> = (0..n * n).map(|_| next() < 0.5).collect();
    made(channels, n, |c, y, x| {
        let side = [1, 2, 3, 5, 8, 13][x * 6 / n];
        f32::from(u8::from(bits[(y / side * n + x / side + c * 7) % bits.len()]))
    })
}

/// Black and white in turn, in squares whose side grows from the left.
fn checks(channels: Channels, n: usize) -> Result<Image, Error> {
    made(channels, n, |_, y, x| {
        let side = [3, 4, 5, 6, 7, 9][x * 6 / n];
        ((x / side + y / side) % 2) as f32
    })
}

/// Slopes with edges and a little noise, as photographs have.
fn slopes(channels: Channels, n: usize) -> Result<Image, Error> {
    let mut next = random();
    made(channels, n, |c, y, x| {
        let slope = ((x + 2 * y + 31 * c) % 97) as f32 / 97.0;
        let edge = if (x / 19 + y / 23) % 2 == 0 { 0.3 } else { 0.0 };
        0.6 * slope + edge + 0.1 * next()
    })
}
