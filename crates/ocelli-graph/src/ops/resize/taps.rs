//! Which input elements make an output element along one axis, and with which weights.

use super::{CoordinateMode, NearestMode, Resize, ResizeMode};

/// One dimension.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Axis {
    /// Size of the input.
    pub input: usize,
    /// Size of the output.
    pub output: usize,
    /// Size of the output before it was rounded: `input * scale`.
    pub width: f64,
    /// Region of interest, where 0 is the first element and 1 the last.
    pub roi: (f64, f64),
}

/// Input elements with their weights, by rising index.
pub(crate) type Taps = Vec<(usize, f64)>;

impl Axis {
    /// A dimension that keeps its size.
    pub(crate) fn identity(size: usize) -> Axis {
        Axis { input: size, output: size, width: size as f64, roi: (0.0, 1.0) }
    }

    /// Where output element `x` lies in the input; `None` when that is outside of the input and the output is the
    /// extrapolation value.
    fn position(&self, x: usize, mode: CoordinateMode) -> Option<f64> {
        let (x, n, width) = (x as f64, self.input as f64, self.width);
        Some(match mode {
            CoordinateMode::HalfPixel => (x + 0.5) * n / width - 0.5,
            CoordinateMode::HalfPixelSymmetric => {
                let offset = n / 2.0 * (1.0 - self.output as f64 / width);
                offset + (x + 0.5) * n / width - 0.5
            }
            CoordinateMode::PytorchHalfPixel if self.output > 1 => (x + 0.5) * n / width - 0.5,
            CoordinateMode::PytorchHalfPixel => 0.0,
            CoordinateMode::AlignCorners if self.output > 1 => x * (n - 1.0) / (width - 1.0),
            CoordinateMode::AlignCorners => 0.0,
            CoordinateMode::Asymmetric => x * n / width,
            CoordinateMode::TfCropAndResize => {
                let (start, end) = self.roi;
                let at = if self.output > 1 {
                    start * (n - 1.0) + x * (end - start) * (n - 1.0) / (width - 1.0)
                } else {
                    0.5 * (start + end) * (n - 1.0)
                };
                if !(at >= 0.0 && at <= n - 1.0) {
                    return None;
                }
                at
            }
        })
    }

    /// Whether every output element is the input element of the same index.
    pub(crate) fn is_identity(&self, op: &Resize) -> bool {
        self.input == self.output
            && (0..self.output).all(|x| matches!(self.taps(x, op).as_deref(), Some(&[(i, w)]) if i == x && w == 1.0))
    }

    /// The taps of output element `x`; `None` for the extrapolation value.
    pub(crate) fn taps(&self, x: usize, op: &Resize) -> Option<Taps> {
        let at = self.position(x, op.coordinate_transformation_mode)?;
        let below = at.floor();
        let ratio = at - below;
        let scale = if op.antialias { (self.width / self.input as f64).min(1.0) } else { 1.0 };
        let (reach, weight): (f64, &dyn Fn(f64) -> f64) = match op.mode {
            ResizeMode::Nearest => {
                let i = match op.nearest_mode {
                    NearestMode::RoundPreferFloor => (at - 0.5).ceil(),
                    NearestMode::RoundPreferCeil => (at + 0.5).floor(),
                    NearestMode::Floor => below,
                    NearestMode::Ceil => at.ceil(),
                };
                return Some(vec![(self.clamped(i as i64), 1.0)]);
            }
            ResizeMode::Linear => (1.0, &|d: f64| (1.0 - d.abs()).max(0.0)),
            ResizeMode::Cubic => (2.0, &|d: f64| cubic(d.abs(), f64::from(op.cubic_coeff_a))),
        };
        let first = (-reach / scale).floor() as i64 + 1;
        let mut taps: Vec<(i64, f64)> =
            (first..2 - first).map(|i| (below as i64 + i, weight((i as f64 - ratio) * scale))).collect();
        let outside = |i: i64| i < 0 || i >= self.input as i64;
        if op.exclude_outside && taps.iter().any(|t| !outside(t.0) && t.1 != 0.0) {
            taps.retain(|t| !outside(t.0));
        }
        let sum: f64 = if op.antialias || op.exclude_outside { taps.iter().map(|t| t.1).sum() } else { 1.0 };
        let mut merged: Taps = Vec::with_capacity(taps.len());
        for (i, w) in taps {
            let (i, w) = (self.clamped(i), w / sum);
            match merged.last_mut() {
                Some(last) if last.0 == i => last.1 += w,
                _ => merged.push((i, w)),
            }
        }
        if merged.len() > 1 {
            merged.retain(|t| t.1 != 0.0);
        }
        Some(merged)
    }

    fn clamped(&self, i: i64) -> usize {
        i.clamp(0, self.input as i64 - 1).max(0) as usize
    }
}

/// The cubic convolution kernel of Keys with coefficient `a`, at distance `d`.
pub(crate) fn cubic(d: f64, a: f64) -> f64 {
    if d <= 1.0 {
        ((a + 2.0) * d - (a + 3.0)) * d * d + 1.0
    } else if d < 2.0 {
        ((a * d - 5.0 * a) * d + 8.0 * a) * d - 4.0 * a
    } else {
        0.0
    }
}
