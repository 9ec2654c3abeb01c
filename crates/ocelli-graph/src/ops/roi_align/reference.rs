use ocelli_tensor::Tensor;

use super::{MAX_SAMPLES, RoiAlign, RoiMode};
use crate::OpError;
use crate::operator::Outputs;
use crate::ops::util::required;

/// First coordinate of a region along one dimension, size of a bin, and samples in it.
struct Bins {
    start: f64,
    size: f64,
    samples: usize,
}

fn bins(op: &RoiAlign, from: f64, to: f64, count: usize) -> Bins {
    let shift = if op.half_pixel { 0.5 } else { 0.0 };
    let scale = f64::from(op.spatial_scale);
    let start = from * scale - shift;
    let mut extent = to * scale - shift - start;
    if !op.half_pixel {
        extent = extent.max(1.0);
    }
    let size = extent / count as f64;
    let samples = match op.sampling_ratio {
        0 => (size.ceil().max(0.0) as usize).min(MAX_SAMPLES),
        n => n,
    };
    Bins { start, size, samples }
}

/// The two pixels around `at` with their weights, or `None` when it is more than one pixel outside.
fn corners(at: f64, size: usize) -> Option<[(usize, f64); 2]> {
    if !(at >= -1.0 && at <= size as f64) || size == 0 {
        return None;
    }
    let at = at.max(0.0);
    let low = at as usize;
    if low + 1 >= size {
        return Some([(size - 1, 1.0), (size - 1, 0.0)]);
    }
    let high = at - low as f64;
    Some([(low, 1.0 - high), (low + 1, high)])
}

pub(super) fn evaluate(op: &RoiAlign, inputs: &[Option<Tensor>]) -> Outputs {
    let (x, rois, batches) = (required(inputs, 0)?, required(inputs, 1)?, required(inputs, 2)?);
    let [n, c, h, w] = [0, 1, 2, 3].map(|i| x.shape()[i]);
    let xs = x.to_f64s();
    let shape = [rois.shape()[0], c, op.output_height, op.output_width];
    let mut out = Vec::with_capacity(shape.iter().product());
    for (roi, batch) in rois.to_f64s().chunks_exact(4).zip(batches.to_i64s()) {
        if batch < 0 || batch >= n as i64 {
            return Err(OpError::invalid(format!("region of image {batch}, there are {n}")));
        }
        let across = bins(op, roi[0], roi[2], op.output_width);
        let down = bins(op, roi[1], roi[3], op.output_height);
        for channel in 0..c {
            let plane = &xs[(batch as usize * c + channel) * h * w..][..h * w];
            for by in 0..op.output_height {
                for bx in 0..op.output_width {
                    let place = |b: &Bins, bin: usize, i: usize| {
                        b.start + bin as f64 * b.size + (i as f64 + 0.5) * b.size / b.samples as f64
                    };
                    let (mut sum, mut best): (f64, Option<f64>) = (0.0, None);
                    for iy in 0..down.samples {
                        for ix in 0..across.samples {
                            let ys = corners(place(&down, by, iy), h);
                            let xs = corners(place(&across, bx, ix), w);
                            let (Some(ys), Some(xs)) = (ys, xs) else {
                                best = Some(best.map_or(0.0, |b| b.max(0.0)));
                                continue;
                            };
                            for (y, wy) in ys {
                                for (x, wx) in xs {
                                    let value = plane[y * w + x] * wy * wx;
                                    sum += value;
                                    best = Some(best.map_or(value, |b| b.max(value)));
                                }
                            }
                        }
                    }
                    out.push(match op.mode {
                        RoiMode::Avg => sum / (down.samples * across.samples).max(1) as f64,
                        RoiMode::Max => best.unwrap_or(0.0),
                    });
                }
            }
        }
    }
    Ok(vec![Tensor::from_f64s(x.dtype(), &shape, &out)?])
}
