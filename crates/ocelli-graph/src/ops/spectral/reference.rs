use std::f64::consts::TAU;

use ocelli_tensor::Tensor;

use super::{Spectral, dft_shape, positive, stft_shape};
use crate::OpError;
use crate::operator::Outputs;
use crate::ops::bounds::bounded;
use crate::ops::numeric::result;
use crate::ops::util::{optional, required};

type Complex = (f64, f64);

pub(super) fn evaluate(op: &Spectral, inputs: &[Option<Tensor>]) -> Outputs {
    match *op {
        Spectral::Dft { inverse, onesided } => dft(inputs, inverse, onesided),
        Spectral::Stft { onesided } => stft(inputs, onesided),
        Spectral::MelWeightMatrix { output_datatype } => {
            let (bins, length) = (positive(required(inputs, 0)?)?, positive(required(inputs, 1)?)?);
            bounded(output_datatype, [length / 2 + 1, bins])?;
            let edge = |i: usize| required(inputs, i).map(|t| t.to_f64s().first().copied().unwrap_or(0.0));
            let weights = mel(bins, length, edge(2)?, edge(3)?, edge(4)?)?;
            result(output_datatype, &[length / 2 + 1, bins], &weights)
        }
    }
}

/// The first `bins` coefficients of the transform of `x`, padded with zeros or cut to `length`.
fn transform(x: &[Complex], length: usize, bins: usize, inverse: bool) -> Vec<Complex> {
    let (sign, factor) = if inverse { (1.0, 1.0 / length as f64) } else { (-1.0, 1.0) };
    let turns: Vec<Complex> = (0..length)
        .map(|i| (sign * TAU * i as f64 / length as f64).sin_cos())
        .map(|(sin, cos)| (cos, sin))
        .collect();
    let coefficient = |k: usize| {
        let mut sum = (0.0, 0.0);
        for (t, &(re, im)) in x.iter().take(length).enumerate() {
            let (cos, sin) = turns[(t * k) % length];
            sum = (sum.0 + re * cos - im * sin, sum.1 + re * sin + im * cos);
        }
        (sum.0 * factor, sum.1 * factor)
    };
    (0..bins).map(coefficient).collect()
}

/// The whole spectrum of a real signal of `length` from its first half.
fn mirrored(half: &[Complex], length: usize) -> Vec<Complex> {
    let at = |k: usize| half.get(k).copied().unwrap_or((0.0, 0.0));
    (0..length)
        .map(|k| match k {
            k if k == 0 || 2 * k == length => (at(k).0, 0.0),
            k if 2 * k < length => at(k),
            k => (at(length - k).0, -at(length - k).1),
        })
        .collect()
}

fn dft(inputs: &[Option<Tensor>], inverse: bool, onesided: bool) -> Outputs {
    let x = required(inputs, 0)?;
    let (axis, length, shape) = dft_shape(x.shape(), optional(inputs, 1), optional(inputs, 2), inverse, onesided)?;
    bounded(x.dtype(), shape.clone())?;
    let parts = x.shape()[x.rank() - 1];
    let (outer, inner): (usize, usize) =
        (x.shape()[..axis].iter().product(), x.shape()[axis + 1..x.rank() - 1].iter().product());
    let (from, to, out_parts) = (x.shape()[axis], shape[axis], shape[shape.len() - 1]);
    let xs = x.to_f64s();
    let mut y = vec![0.0; shape.iter().product()];
    for o in 0..outer {
        for i in 0..inner {
            let read = |l: usize| {
                let at = ((o * from + l) * inner + i) * parts;
                (xs[at], if parts == 2 { xs[at + 1] } else { 0.0 })
            };
            let mut lane: Vec<Complex> = (0..from).map(read).collect();
            if inverse && onesided {
                lane = mirrored(&lane, length);
            }
            for (l, (re, im)) in transform(&lane, length, to, inverse).into_iter().enumerate() {
                let at = ((o * to + l) * inner + i) * out_parts;
                y[at] = re;
                if out_parts == 2 {
                    y[at + 1] = im;
                }
            }
        }
    }
    result(x.dtype(), &shape, &y)
}

fn stft(inputs: &[Option<Tensor>], onesided: bool) -> Outputs {
    let (x, window) = (required(inputs, 0)?, optional(inputs, 2));
    let (batch, n, parts) = (x.shape()[0], x.shape()[1], x.shape()[2]);
    let (length, step, frames, bins) =
        stft_shape(n, required(inputs, 1)?, window.map(Tensor::len), optional(inputs, 3), onesided)?;
    let weights = window.map_or(vec![1.0; length], Tensor::to_f64s);
    let xs = x.to_f64s();
    let mut y = Vec::new();
    for b in 0..batch {
        for frame in 0..frames {
            let sample = |t: usize| {
                let at = (b * n + frame * step + t) * parts;
                (xs[at] * weights[t], if parts == 2 { xs[at + 1] * weights[t] } else { 0.0 })
            };
            let lane: Vec<Complex> = (0..length).map(sample).collect();
            y.extend(transform(&lane, length, bins, false).into_iter().flat_map(|(re, im)| [re, im]));
        }
    }
    result(x.dtype(), &[batch, frames, bins, 2], &y)
}

/// Triangular weights `[length / 2 + 1, bins]`.
fn mel(bins: usize, length: usize, rate: f64, lower: f64, upper: f64) -> Result<Vec<f64>, OpError> {
    let to_mel = |hertz: f64| 2595.0 * (1.0 + hertz / 700.0).log10();
    let step = (to_mel(upper) - to_mel(lower)) / (bins + 2) as f64;
    let rows = length / 2 + 1;
    let edge = |i: usize| {
        let hertz = 700.0 * (10f64.powf((to_mel(lower) + i as f64 * step) / 2595.0) - 1.0);
        let bin = ((length + 1) as f64 * hertz / rate).floor();
        if (0.0..=rows as f64).contains(&bin) { Ok(bin as usize) } else {
            Err(OpError::invalid(format!("an edge of {hertz} Hz is outside of the spectrum")))
        }
    };
    let edges = (0..bins + 2).map(edge).collect::<Result<Vec<_>, _>>()?;
    let mut weights = vec![0.0; rows * bins];
    let mut put = |row: usize, bin: usize, value: f64| {
        if row < rows {
            weights[row * bins + bin] = value;
        }
    };
    for i in 0..bins {
        let (left, centre, right) = (edges[i], edges[i + 1], edges[i + 2]);
        if left == centre {
            put(centre, i, 1.0);
        }
        for row in left..centre + usize::from(left < centre) {
            put(row, i, (row - left) as f64 / (centre - left) as f64);
        }
        for row in centre..right {
            put(row, i, (right - row) as f64 / (right - centre) as f64);
        }
    }
    Ok(weights)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transform_and_its_inverse() {
        let x = Tensor::from_vec(&[1, 5, 1], vec![1.0f64, 2.0, -1.0, 0.5, 3.0]).unwrap();
        let y = dft(&[Some(x.clone())], false, true).unwrap().remove(0);
        assert_eq!(y.shape(), [1, 3, 2]);
        assert!((y.to_f64s()[0] - 5.5).abs() < 1e-12);
        let back = dft(&[Some(y), Some(Tensor::scalar(5i64))], true, true).unwrap().remove(0);
        for (a, b) in back.to_f64s().iter().zip(x.to_f64s()) {
            assert!((a - b).abs() < 1e-12);
        }
    }
}
