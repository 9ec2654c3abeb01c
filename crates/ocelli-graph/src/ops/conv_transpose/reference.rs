use ocelli_tensor::{Tensor, contiguous_strides};

use super::ConvTranspose;
use crate::operator::Outputs;
use crate::ops::util::{for_each_index, optional, required};

/// Scatters each input element through the filter, in `f64`.
pub(super) fn evaluate(op: &ConvTranspose, inputs: &[Option<Tensor>]) -> Outputs {
    let (x, w) = (required(inputs, 0)?, required(inputs, 1)?);
    let (window, shape) = op.geometry(x.shape(), w.shape())?;
    let bias = optional(inputs, 2).map(Tensor::to_f64s);
    let (xs, ws) = (x.to_f64s(), w.to_f64s());
    let (w_strides, strides) = (contiguous_strides(w.shape()), contiguous_strides(&shape));
    let plane: usize = shape[2..].iter().product();
    let mut out: Vec<f64> = match &bias {
        Some(b) => (0..shape.iter().product()).map(|i: usize| b[i / plane % shape[1]]).collect(),
        None => vec![0.0; shape.iter().product()],
    };
    let (per_group, outputs) = (x.shape()[1] / op.group.max(1), w.shape()[1]);
    let mut values = xs.iter();
    for_each_index(x.shape(), |at| {
        let Some(value) = values.next() else { return };
        let first = at[1] / per_group * outputs;
        for_each_index(&window.kernel, |k| {
            let mut to = at[0] * strides[0] + first * strides[1];
            let mut from = at[1] * w_strides[0];
            for i in 0..k.len() {
                let pos = (at[2 + i] * window.strides[i] + k[i] * window.dilations[i]) as i64 - window.pads[i];
                if pos < 0 || pos >= shape[2 + i] as i64 {
                    return;
                }
                to += pos as usize * strides[2 + i];
                from += k[i] * w_strides[2 + i];
            }
            for m in 0..outputs {
                out[to + m * strides[1]] += value * ws[from + m * w_strides[1]];
            }
        });
    });
    Ok(vec![Tensor::from_f64s(x.dtype(), &shape, &out)?])
}
