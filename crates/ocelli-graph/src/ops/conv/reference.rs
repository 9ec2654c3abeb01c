use ocelli_tensor::{Tensor, contiguous_strides};

use super::Conv;
use crate::ops::util::{for_each_index, required};
use crate::{OpError, operator::Outputs};

/// Direct convolution in `f64`.
pub(super) fn evaluate(op: &Conv, inputs: &[Option<Tensor>]) -> Outputs {
    let (x, w) = (required(inputs, 0)?, required(inputs, 1)?);
    let window = op.resolved(x.shape(), w.shape())?;
    let spatial = window.output_size(&x.shape()[2..])?;
    let (batch, channels, filters) = (x.shape()[0], x.shape()[1], w.shape()[0]);
    let (per_group, filters_per_group) = (channels / op.group, filters / op.group);
    let bias = inputs.get(2).and_then(Option::as_ref).map(Tensor::to_f64s);
    let (xs, ws) = (x.to_f64s(), w.to_f64s());
    let (x_strides, w_strides) = (contiguous_strides(x.shape()), contiguous_strides(w.shape()));
    let mut shape = vec![batch, filters];
    shape.extend(&spatial);
    let mut out = Vec::with_capacity(shape.iter().product());
    for_each_index(&shape, |at| {
        let (n, m) = (at[0], at[1]);
        let first = m / filters_per_group * per_group;
        let mut sum = bias.as_ref().map_or(0.0, |b| b[m]);
        for c in 0..per_group {
            for_each_index(&window.kernel, |k| {
                let mut x_at = n * x_strides[0] + (first + c) * x_strides[1];
                let mut w_at = m * w_strides[0] + c * w_strides[1];
                for i in 0..k.len() {
                    let pos = (at[2 + i] * window.strides[i] + k[i] * window.dilations[i]) as i64 - window.pads[i];
                    if pos < 0 || pos >= x.shape()[2 + i] as i64 {
                        return;
                    }
                    x_at += pos as usize * x_strides[2 + i];
                    w_at += k[i] * w_strides[2 + i];
                }
                sum += xs[x_at] * ws[w_at];
            });
        }
        out.push(sum);
    });
    Tensor::from_f64s(x.dtype(), &shape, &out).map(|t| vec![t]).map_err(OpError::from)
}
