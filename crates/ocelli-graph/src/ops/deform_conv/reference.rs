use ocelli_tensor::{Tensor, contiguous_strides};

use super::DeformConv;
use crate::operator::Outputs;
use crate::ops::conv::geometry;
use crate::ops::util::{for_each_index, optional, required};

pub(super) fn evaluate(op: &DeformConv, inputs: &[Option<Tensor>]) -> Outputs {
    let (x, w, offset) = (required(inputs, 0)?, required(inputs, 1)?, required(inputs, 2)?);
    let (window, shape) = geometry(&op.window, op.group, x.shape(), w.shape())?;
    let n = window.kernel.len();
    let (xs, ws, offsets) = (x.to_f64s(), w.to_f64s(), offset.to_f64s());
    let bias = optional(inputs, 3).map(Tensor::to_f64s);
    let mask = optional(inputs, 4).map(Tensor::to_f64s);
    let strides = contiguous_strides(x.shape());
    let taps: usize = window.kernel.iter().product();
    let plane: usize = shape[2..].iter().product();
    let (per_group, filters) = (w.shape()[1], w.shape()[0] / op.group.max(1));
    let per_offset = x.shape()[1] / op.offset_group.max(1);
    let mut out = Vec::with_capacity(shape.iter().product());
    let mut place = vec![0.0; n];
    for_each_index(&shape, |at| {
        let (batch, m) = (at[0], at[1]);
        let pixel = at[2..].iter().zip(&shape[2..]).fold(0, |p, (&i, &d)| p * d + i);
        let mut sum = bias.as_ref().map_or(0.0, |b| b[m]);
        for c in 0..per_group {
            let channel = m / filters * per_group + c;
            let og = channel / per_offset;
            let mut tap = 0;
            for_each_index(&window.kernel, |k| {
                let t = (batch * op.offset_group + og) * taps + tap;
                for i in 0..n {
                    place[i] = (at[2 + i] * window.strides[i] + k[i] * window.dilations[i]) as f64 - window.pads[i] as f64
                        + offsets[(t * n + i) * plane + pixel];
                }
                let base = batch * strides[0] + channel * strides[1];
                let value = sample(&xs[base..], &x.shape()[2..], &strides[2..], &place);
                let weight = mask.as_ref().map_or(1.0, |m| m[t * plane + pixel]);
                sum += value * weight * ws[(m * per_group + c) * taps + tap];
                tap += 1;
            });
        }
        out.push(sum);
    });
    Ok(vec![Tensor::from_f64s(x.dtype(), &shape, &out)?])
}

/// Linear interpolation between the 2^n corners around `place`; corners outside are zero.
fn sample(x: &[f64], size: &[usize], strides: &[usize], place: &[f64]) -> f64 {
    let mut sum = 0.0;
    for corner in 0..1usize << size.len() {
        let (mut weight, mut at, mut inside) = (1.0, 0, true);
        for i in 0..size.len() {
            let low = place[i].floor();
            let high = corner >> i & 1 == 1;
            let pos = low + f64::from(u8::from(high));
            weight *= if high { place[i] - low } else { 1.0 - (place[i] - low) };
            inside &= pos >= 0.0 && pos < size[i] as f64;
            at += if inside { pos as usize * strides[i] } else { 0 };
        }
        if inside {
            sum += weight * x[at];
        }
    }
    sum
}
