//! What a computation should give, in `f64`: plain loops for convolutions, which are too large for the naive reference of
//! the engine, and that reference for everything else.

use ocelli::graph::ops::conv_transpose::ConvTranspose;
use ocelli::graph::ops::window::{AutoPad, Window};
use ocelli::graph::{Case, Op, interpreter};
use ocelli::{DType, Error, Tensor};

use super::computations::graph;

/// The first result of `case`, computed in `f64` on the host.
pub fn reference(case: &Case) -> Result<Vec<f64>, Error> {
    let operand = |i: usize| case.inputs.get(i).and_then(Option::as_ref);
    if let (Some(x), Some(w)) = (operand(0), operand(1)) {
        let bias = operand(2).map(Tensor::to_f64s);
        match &case.op {
            Op::Conv(op) if x.rank() == 4 => return conv(&op.window, op.group, x, w, bias.as_deref()),
            Op::ConvTranspose(op) if x.rank() == 4 && plain(op) => {
                return transposed(&op.window, op.group, x, w, bias.as_deref());
            }
            _ => {}
        }
    }
    naive(case)
}

/// [`reference()`] by the engine's naive reference alone.
fn naive(case: &Case) -> Result<Vec<f64>, Error> {
    let mut wide = case.clone();
    for tensor in wide.inputs.iter_mut().flatten().filter(|t| t.dtype() == DType::F32) {
        *tensor = tensor.cast(DType::F64)?;
    }
    let fail = |e: &dyn std::fmt::Display| Error::Internal(format!("the reference of `{}`: {e}", case.name));
    // An operand that must be f32 whatever the others are (scales of Resize) makes the wide case invalid.
    let (wide_graph, wide_inputs) = graph(&wide);
    let outputs = interpreter::run(&wide_graph, &wide_inputs).or_else(|_| {
        let (graph, inputs) = graph(case);
        interpreter::run(&graph, &inputs)
    });
    let outputs = outputs.map_err(|e| fail(&e))?;
    outputs.first().map(Tensor::to_f64s).ok_or_else(|| fail(&"no result"))
}

/// Whether the size of the result follows from explicit pads alone.
fn plain(op: &ConvTranspose) -> bool {
    op.output_padding.is_empty() && op.output_shape.is_empty() && op.window.auto_pad == AutoPad::NotSet
}

/// The dimensions of a 4-D tensor.
fn four(t: &Tensor) -> Result<[usize; 4], Error> {
    t.shape().try_into().map_err(|_| Error::Internal(format!("expected four dimensions, got {t:?}")))
}

/// Calls `f(plane, row-major values)` for every plane, on all cores.
fn for_each_plane(out: &mut [f64], plane: usize, f: impl Fn(usize, &mut [f64]) + Sync) {
    let planes = out.len() / plane.max(1);
    let threads = std::thread::available_parallelism().map_or(1, |n| n.get());
    let share = planes.div_ceil(threads).max(1);
    std::thread::scope(|scope| {
        for (i, part) in out.chunks_mut(share * plane.max(1)).enumerate() {
            let f = &f;
            scope.spawn(move || {
                for (j, values) in part.chunks_mut(plane.max(1)).enumerate() {
                    f(i * share + j, values);
                }
            });
        }
    });
}

/// Positions `o` of `0..outputs` for which `o * stride + shift` lies in `0..inputs`.
fn inside(outputs: usize, inputs: usize, stride: usize, shift: i64) -> std::ops::Range<usize> {
    let stride = stride as i64;
    let first = (-shift).max(0).div_euclid(stride) + i64::from((-shift).max(0).rem_euclid(stride) != 0);
    let end = if inputs as i64 > shift { (inputs as i64 - shift - 1).div_euclid(stride) + 1 } else { 0 };
    let end = end.clamp(0, outputs as i64);
    first.min(end) as usize..end as usize
}

fn conv(window: &Window, group: usize, x: &Tensor, w: &Tensor, bias: Option<&[f64]>) -> Result<Vec<f64>, Error> {
    let ([n, _, h, width], [outputs, per_group, kh, kw]) = (four(x)?, four(w)?);
    let resolve = || {
        let window = window.resolve(&[h, width], &[kh, kw])?;
        let size = window.output_size(&[h, width])?;
        Ok((window, size))
    };
    let (window, size) =
        resolve().map_err(|e: ocelli::graph::OpError| Error::Internal(format!("window {window:?}: {e}")))?;
    let (oh, ow) = (size[0], size[1]);
    let channels = per_group * group;
    let (xs, ws) = (x.to_f64s(), w.to_f64s());
    let mut out = vec![0.0; n * outputs * oh * ow];
    for_each_plane(&mut out, oh * ow, |plane, out| {
        let (image, m) = (plane / outputs, plane % outputs);
        out.fill(bias.map_or(0.0, |b| b[m]));
        let first = m / (outputs / group) * per_group;
        for c in 0..per_group {
            let x = &xs[(image * channels + first + c) * h * width..][..h * width];
            for ky in 0..kh {
                let down = (ky * window.dilations[0]) as i64 - window.pads[0];
                for kx in 0..kw {
                    let right = (kx * window.dilations[1]) as i64 - window.pads[1];
                    let weight = ws[((m * per_group + c) * kh + ky) * kw + kx];
                    let columns = inside(ow, width, window.strides[1], right);
                    if columns.is_empty() {
                        continue;
                    }
                    for oy in inside(oh, h, window.strides[0], down) {
                        let row = (oy * window.strides[0]) as i64 + down;
                        let from = (columns.start * window.strides[1]) as i64 + right;
                        let x = &x[row as usize * width + from as usize..];
                        let out = &mut out[oy * ow..][columns.clone()];
                        for (sum, x) in out.iter_mut().zip(x.iter().step_by(window.strides[1])) {
                            *sum += weight * x;
                        }
                    }
                }
            }
        }
    });
    Ok(out)
}

fn transposed(window: &Window, group: usize, x: &Tensor, w: &Tensor, bias: Option<&[f64]>) -> Result<Vec<f64>, Error> {
    let ([n, channels, h, width], [_, per_group, kh, kw]) = (four(x)?, four(w)?);
    let window =
        window.resolve(&[h, width], &[kh, kw]).map_err(|e| Error::Internal(format!("window {window:?}: {e}")))?;
    let size = |i: usize, input: usize| {
        let whole = (input.max(1) - 1) * window.strides[i] + window.reach(i);
        (whole as i64 - window.pads[i] - window.pads[i + 2]).max(0) as usize
    };
    let (oh, ow) = (size(0, h), size(1, width));
    let outputs = per_group * group;
    let (xs, ws) = (x.to_f64s(), w.to_f64s());
    let mut out = vec![0.0; n * outputs * oh * ow];
    for_each_plane(&mut out, oh * ow, |plane, out| {
        let (image, m) = (plane / outputs, plane % outputs);
        out.fill(bias.map_or(0.0, |b| b[m]));
        let inputs = channels / group;
        let first = m / per_group * inputs;
        for c in first..first + inputs {
            let x = &xs[(image * channels + c) * h * width..][..h * width];
            for (y, row) in x.chunks(width).enumerate() {
                for (i, x) in row.iter().enumerate() {
                    for ky in 0..kh {
                        let oy = (y * window.strides[0] + ky * window.dilations[0]) as i64 - window.pads[0];
                        if !(0..oh as i64).contains(&oy) {
                            continue;
                        }
                        for kx in 0..kw {
                            let ox = (i * window.strides[1] + kx * window.dilations[1]) as i64 - window.pads[1];
                            if (0..ow as i64).contains(&ox) {
                                let weight = ws[((c * per_group + m % per_group) * kh + ky) * kw + kx];
                                out[oy as usize * ow + ox as usize] += weight * x;
                            }
                        }
                    }
                }
            }
        }
    });
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_the_naive_reference_on_every_case() {
        let mut compared = 0;
        for (folder, cases) in ocelli::graph::ops::all_cases() {
            for case in cases.iter().filter(|_| ["conv", "conv_transpose"].contains(&folder)) {
                let (fast, slow) = (reference(case).unwrap(), naive(case).unwrap());
                assert_eq!(fast.len(), slow.len(), "{folder} {}", case.name);
                let worst = fast.iter().zip(&slow).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
                assert!(worst < 1e-12, "{folder} {}: {worst}", case.name);
                compared += 1;
            }
        }
        assert!(compared > 20);
    }

    #[test]
    fn ranges_hold_exactly_what_is_inside() {
        for (outputs, inputs, stride, shift) in [(5, 5, 1, -1), (4, 9, 2, -3), (4, 2, 3, 1), (6, 3, 1, 5), (3, 8, 2, 9)]
        {
            let slow: Vec<usize> =
                (0..outputs).filter(|&o| (0..inputs as i64).contains(&((o * stride) as i64 + shift))).collect();
            assert_eq!(inside(outputs, inputs, stride, shift).collect::<Vec<_>>(), slow);
        }
    }
}
