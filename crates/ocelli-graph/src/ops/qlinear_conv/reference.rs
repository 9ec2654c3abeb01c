use ocelli_tensor::{DType, Tensor};

use super::{QLinearConv, multipliers};
use crate::operator::Outputs;
use crate::ops::conv::correlate;
use crate::ops::conv_integer::minus_zero_point;
use crate::ops::util::{optional, required};

pub(super) fn evaluate(op: &QLinearConv, inputs: &[Option<Tensor>]) -> Outputs {
    let (x, w) = (required(inputs, 0)?, required(inputs, 3)?);
    let y_zero = required(inputs, 7)?;
    let scales = multipliers(required(inputs, 1)?, required(inputs, 4)?, required(inputs, 6)?, w.shape()[0]);
    let (xs, ws) = (minus_zero_point(x, optional(inputs, 2)), minus_zero_point(w, optional(inputs, 5)));
    let bias = optional(inputs, 8).map(Tensor::to_f64s);
    let (shape, sums) = correlate(&op.window, op.group, (&xs, x.shape()), (&ws, w.shape()), bias.as_deref())?;
    let (low, high) = if y_zero.dtype() == DType::I8 { (-128.0, 127.0) } else { (0.0, 255.0) };
    let (from, to) = op.clamp.map_or((low, high), |[from, to]| (f64::from(from), f64::from(to)));
    let zero = y_zero.to_f64s().first().copied().unwrap_or(0.0);
    let plane = shape[2..].iter().product::<usize>().max(1);
    let y: Vec<f64> = sums
        .iter()
        .enumerate()
        .map(|(i, &sum)| {
            let scaled = sum as f32 * scales[i / plane % shape[1]];
            (f64::from(scaled.round_ties_even()) + zero).clamp(low, high).max(from).min(to)
        })
        .collect();
    Ok(vec![Tensor::from_f64s(y_zero.dtype(), &shape, &y)?])
}
