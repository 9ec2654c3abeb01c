use ocelli_tensor::{Tensor, contiguous_strides};

use super::{Conv, geometry};
use crate::ops::util::{for_each_index, optional, required};
use crate::ops::window::Window;
use crate::{OpError, operator::Outputs};

/// Direct convolution in `f64`.
pub(super) fn evaluate(op: &Conv, inputs: &[Option<Tensor>]) -> Outputs {
    let (x, w) = (required(inputs, 0)?, required(inputs, 1)?);
    let bias = optional(inputs, 2).map(Tensor::to_f64s);
    let (shape, out) = correlate(
        &op.window,
        op.group,
        (&x.to_f64s(), x.shape()),
        (&w.to_f64s(), w.shape()),
        bias.as_deref(),
    )?;
    Ok(vec![Tensor::from_f64s(x.dtype(), &shape, &out)?])
}

/// The convolution of values and shapes `x` with `w`: shape and values of the result. Exact for 8-bit integers.
pub(crate) fn correlate(
    window: &Window,
    group: usize,
    (x, x_shape): (&[f64], &[usize]),
    (w, w_shape): (&[f64], &[usize]),
    bias: Option<&[f64]>,
) -> Result<(Vec<usize>, Vec<f64>), OpError> {
    let (window, shape) = geometry(window, group, x_shape, w_shape)?;
    let (per_group, filters_per_group) = (w_shape[1], w_shape[0] / group);
    let (x_strides, w_strides) = (contiguous_strides(x_shape), contiguous_strides(w_shape));
    let mut out = Vec::with_capacity(shape.iter().product());
    for_each_index(&shape, |at| {
        let (n, m) = (at[0], at[1]);
        let first = m / filters_per_group * per_group;
        let mut sum = bias.map_or(0.0, |b| b[m]);
        for_each_index(&window.kernel, |k| {
            let mut x_at = n * x_strides[0] + first * x_strides[1];
            let mut w_at = m * w_strides[0];
            for i in 0..k.len() {
                let pos = (at[2 + i] * window.strides[i] + k[i] * window.dilations[i]) as i64
                    - window.pads[i];
                if pos < 0 || pos >= x_shape[2 + i] as i64 {
                    return;
                }
                x_at += pos as usize * x_strides[2 + i];
                w_at += k[i] * w_strides[2 + i];
            }
            for c in 0..per_group {
                sum += x[x_at + c * x_strides[1]] * w[w_at + c * w_strides[1]];
            }
        });
        out.push(sum);
    });
    Ok((shape, out))
}
