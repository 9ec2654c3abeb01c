//! Colour beside transparency.
//!
//! Colours are not premultiplied. What stands under a fully transparent pixel is arbitrary, often black, and a model
//! that looks at neighbours would draw it into the edge as a halo: [`bled`] replaces it by the colours beside it.

use crate::planes::Planes;

/// The colour planes with new values where `alpha` is zero: the mean, weighted by alpha, of the smallest square of
/// 2, 4, 8, ... pixels around that is not wholly transparent. All other pixels stay as they are.
pub fn bled(color: &Planes, alpha: &Planes) -> Planes {
    let weights = alpha.plane(0);
    if weights.iter().all(|&a| a > 0.0) || weights.iter().all(|&a| a <= 0.0) {
        return color.clone();
    }
    // Sums of weighted colours and of weights over ever larger squares.
    let weighted: Vec<Vec<f32>> = (0..color.channels())
        .map(|c| color.plane(c).iter().zip(weights).map(|(v, a)| v * a.max(0.0)).collect())
        .collect();
    let first = Level {
        width: color.width(),
        height: color.height(),
        sums: weighted,
        weights: weights.iter().map(|a| a.max(0.0)).collect(),
    };
    let mut levels = vec![first];
    while let Some(last) = levels.last().filter(|l| l.width > 1 || l.height > 1) {
        levels.push(last.halved());
    }
    let mut out = color.clone();
    let (width, n) = (color.width(), color.width() * color.height());
    for i in (0..n).filter(|&i| weights[i] <= 0.0) {
        let (x, y) = (i % width, i / width);
        let found = levels.iter().enumerate().find_map(|(k, l)| {
            let at = (y >> k) * l.width + (x >> k);
            (l.weights[at] > 0.0).then_some((l, at))
        });
        let Some((level, at)) = found else { continue };
        for (c, sums) in level.sums.iter().enumerate() {
            out.plane_mut(c)[i] = sums[at] / level.weights[at];
        }
    }
    out
}

struct Level {
    width: usize,
    height: usize,
    sums: Vec<Vec<f32>>,
    weights: Vec<f32>,
}

impl Level {
    fn halved(&self) -> Level {
        let (width, height) = (self.width.div_ceil(2), self.height.div_ceil(2));
        let add = |from: &[f32]| {
            let mut to = vec![0.0; width * height];
            for (i, v) in from.iter().enumerate() {
                to[(i / self.width / 2) * width + i % self.width / 2] += v;
            }
            to
        };
        Level { width, height, sums: self.sums.iter().map(|s| add(s)).collect(), weights: add(&self.weights) }
    }
}

/// One plane that was enlarged `scale` times from `source`, in 0..1, and exactly as it was wherever the three by three
/// pixels around are equal: what was wholly opaque or transparent stays so.
pub fn settled(mut enlarged: Planes, source: &Planes, scale: usize) -> Planes {
    let (width, height) = (source.width(), source.height());
    let from = source.plane(0);
    // The value of pixels that equal all their neighbours.
    let flat = |x: usize, y: usize| {
        let value = from[y * width + x];
        let rows = y.saturating_sub(1)..(y + 2).min(height);
        let columns = x.saturating_sub(1)..(x + 2).min(width);
        let mut around = rows.flat_map(|row| &from[row * width + columns.start..row * width + columns.end]);
        around.all(|v| *v == value).then_some(value)
    };
    let values: Vec<Option<f32>> = (0..width * height).map(|i| flat(i % width, i / width)).collect();
    let wide = enlarged.width();
    for (i, v) in enlarged.data_mut().iter_mut().enumerate() {
        let (x, y) = ((i % wide / scale).min(width - 1), (i / wide / scale).min(height - 1));
        *v = values[y * width + x].unwrap_or(v.clamp(0.0, 1.0));
    }
    enlarged
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_transparent_gets_the_colour_beside_it() {
        let color = Planes::new(1, 2, 4, vec![0.5, 0.1, 0.9, 0.9, 0.25, 0.9, 0.9, 0.9]).unwrap();
        let alpha = Planes::new(1, 2, 4, vec![1.0, 0.0, 0.0, 0.0, 0.5, 0.0, 0.0, 0.0]).unwrap();
        let mean = (0.5 + 0.25 * 0.5) / 1.5;
        let got = bled(&color, &alpha);
        assert_eq!(got.data(), [0.5, mean, mean, mean, 0.25, mean, mean, mean]);
        let clear = Planes::filled(1, 2, 4, 0.0);
        assert_eq!(bled(&color, &clear), color);
    }

    #[test]
    fn flat_alpha_stays_exact() {
        let source = Planes::new(1, 1, 5, vec![0.0, 0.0, 0.5, 1.0, 1.0]).unwrap();
        let enlarged = vec![0.1, -0.1, -0.2, 0.7, -0.1, 1.2, 0.4, 1.1, 0.9, 1.3];
        let enlarged = Planes::new(1, 1, 10, enlarged).unwrap();
        assert_eq!(settled(enlarged, &source, 2).data(), [0.0, 0.0, 0.0, 0.7, 0.0, 1.0, 0.4, 1.0, 1.0, 1.0]);
    }
}
