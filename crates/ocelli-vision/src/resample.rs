//! Separable resizing.
//!
//! With `antialias` the kernel is widened by the scale when a picture is made smaller, as MATLAB's `imresize` and
//! Pillow do; without it this is OpenCV's and PyTorch's plain interpolation. Sample centres are at half-integers.
//! Bicubic is Keys' kernel with a = -0.5.

use std::borrow::Cow;
use std::ops::Range;

use rayon::prelude::*;

use crate::error::{self, Result};
use crate::planes::{Border, Planes};

/// The interpolation kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Filter {
    /// The sample whose centre is nearest.
    Nearest,
    /// Linear between the two nearest samples.
    Bilinear,
    /// Keys' cubic convolution with a = -0.5 over four samples.
    Bicubic,
}

impl Filter {
    fn support(self) -> f64 {
        match self {
            Filter::Nearest => 0.5,
            Filter::Bilinear => 1.0,
            Filter::Bicubic => 2.0,
        }
    }

    fn weight(self, x: f64) -> f64 {
        let x = x.abs();
        match self {
            Filter::Nearest => f64::from(u8::from(x <= 0.5)),
            Filter::Bilinear => (1.0 - x).max(0.0),
            Filter::Bicubic if x <= 1.0 => (1.5 * x - 2.5) * x * x + 1.0,
            Filter::Bicubic if x < 2.0 => ((-0.5 * x + 2.5) * x - 4.0) * x + 2.0,
            Filter::Bicubic => 0.0,
        }
    }
}

/// For one output sample: source indices and their weights, which sum to one.
type Taps = Vec<(usize, f32)>;

/// The taps of every output sample along one axis of `input` samples that becomes `output` samples of scale
/// `output / input`, or some of them.
fn taps(filter: Filter, input: usize, output: usize, which: Range<usize>, antialias: bool) -> Vec<Taps> {
    let scale = output as f64 / input as f64;
    which
        .map(|i| {
            let centre = (i as f64 + 0.5) / scale - 0.5;
            if filter == Filter::Nearest {
                let nearest = ((i as f64 + 0.5) / scale).floor() as usize;
                return vec![(nearest.min(input - 1), 1.0)];
            }
            let stretch = if antialias && scale < 1.0 { 1.0 / scale } else { 1.0 };
            let reach = filter.support() * stretch;
            let (first, last) = ((centre - reach).ceil() as isize, (centre + reach).floor() as isize);
            let raw: Vec<(usize, f64)> = (first..=last)
                .filter_map(|j| {
                    let w = filter.weight((j as f64 - centre) / stretch);
                    Border::Symmetric.index(j, input).map(|k| (k, w))
                })
                .filter(|&(_, w)| w != 0.0)
                .collect();
            let sum: f64 = raw.iter().map(|&(_, w)| w).sum();
            raw.into_iter().map(|(k, w)| (k, (w / sum) as f32)).collect()
        })
        .collect()
}

/// Resizes to `width` by `height`. Beyond the edges the picture is mirrored (MATLAB's `symmetric`).
///
/// Errors when a size is zero.
pub fn resize(planes: &Planes, width: usize, height: usize, filter: Filter, antialias: bool) -> Result<Planes> {
    part(planes, 0, planes.height(), 0..height, (width, height), (filter, antialias))
}

/// Some `rows` of the result of a picture of `in_h` rows, of which `planes` hold those from `first` on.
fn part(
    planes: &Planes,
    first: usize,
    in_h: usize,
    rows: Range<usize>,
    (width, height): (usize, usize),
    (filter, antialias): (Filter, bool),
) -> Result<Planes> {
    if width == 0 || height == 0 {
        return Err(error::argument(format!("cannot resize to {width}x{height}")));
    }
    let (channels, in_w, held) = (planes.channels(), planes.width(), planes.height());
    let wide: Cow<'_, [f32]> = if in_w == width {
        Cow::Borrowed(planes.data())
    } else {
        let taps = taps(filter, in_w, width, 0..width, antialias);
        let mut out = vec![0.0f32; channels * held * width];
        out.par_chunks_mut(width).zip(planes.data().par_chunks(in_w)).for_each(|(to, from)| {
            for (v, taps) in to.iter_mut().zip(&taps) {
                *v = taps.iter().map(|&(k, w)| from[k] * w).sum();
            }
        });
        Cow::Owned(out)
    };
    if in_h == height {
        let wide = Planes::new(channels, held, width, wide.into_owned())?;
        return if rows.len() == held { Ok(wide) } else { wide.crop(0, rows.start - first, width, rows.len()) };
    }
    let n = rows.len();
    let taps = taps(filter, in_h, height, rows, antialias);
    let mut out = vec![0.0f32; channels * n * width];
    out.par_chunks_mut(width).enumerate().for_each(|(i, to)| {
        let (c, y) = (i / n, i % n);
        for &(k, w) in &taps[y] {
            let start = (c * held + k - first) * width;
            for (v, s) in to.iter_mut().zip(&wide[start..start + width]) {
                *v += s * w;
            }
        }
    });
    Planes::new(channels, n, width, out)
}

/// `imresize(x, scale, 'bicubic')` with antialiasing to a size of `round(scale * size)`: the degradation of the
/// super-resolution benchmarks. Values are not clamped.
pub fn imresize(planes: &Planes, width: usize, height: usize) -> Result<Planes> {
    resize(planes, width, height, Filter::Bicubic, true)
}

/// Some `rows` of what [`imresize`] makes of a picture of `in_height` rows; `planes` hold at least [`imresize_needs`] of them,
/// from `first` on.
pub(crate) fn imresize_rows(
    planes: &Planes,
    first: usize,
    in_height: usize,
    rows: Range<usize>,
    size: (usize, usize),
) -> Result<Planes> {
    part(planes, first, in_height, rows, size, (Filter::Bicubic, true))
}

/// The rows of a picture of `in_height` that some `rows` of its [`imresize`] to `height` come from.
pub(crate) fn imresize_needs(in_height: usize, height: usize, rows: Range<usize>) -> Range<usize> {
    if in_height == height {
        return rows;
    }
    let taps = taps(Filter::Bicubic, in_height, height, rows, true);
    let all = taps.iter().flatten().map(|&(k, _)| k);
    all.clone().min().unwrap_or(0)..all.max().map_or(0, |k| k + 1)
}

#[cfg(test)]
#[path = "resample_tests.rs"]
mod tests;
