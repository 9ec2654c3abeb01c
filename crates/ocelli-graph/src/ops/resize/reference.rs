use ocelli_tensor::Tensor;

use super::taps::{Axis, Taps};
use super::{Request, Resize, ResizeMode};
use crate::OpError;
use crate::operator::Outputs;
use crate::ops::bounds::bounded;
use crate::ops::movement::{offset, pick};
use crate::ops::util::{for_each_index, optional, required};

/// One axis after the other in `f64`, rounded for integers; the mode nearest moves elements as they are.
pub(super) fn evaluate(op: &Resize, inputs: &[Option<Tensor>]) -> Outputs {
    let x = required(inputs, 0)?;
    let axes = op.resolved(x.shape(), &Request::new(|i| optional(inputs, i)))?;
    let shape: Vec<usize> = axes.iter().map(|a| a.output).collect();
    bounded(x.dtype(), shape.clone())?;
    let taps: Vec<Vec<Option<Taps>>> = axes.iter().map(|a| all_taps(a, op)).collect();
    let fill = Tensor::from_f64s(x.dtype(), &[], &[f64::from(op.extrapolation_value)])?;
    if op.mode == ResizeMode::Nearest {
        let out = pick(x, &shape, fill.bytes(), |at| {
            let from: Option<Vec<usize>> =
                at.iter().zip(&taps).map(|(&i, t)| t[i].as_ref().and_then(|t| t.first()).map(|t| t.0)).collect();
            from.map(|from| offset(&from, x.shape()))
        })?;
        return Ok(vec![out]);
    }
    let mut values = x.to_f64s();
    let mut current = x.shape().to_vec();
    for (axis, taps) in taps.iter().enumerate() {
        values = along(&values, &current, axis, taps)?;
        current[axis] = shape[axis];
    }
    let mut i = 0;
    for_each_index(&shape, |at| {
        if at.iter().zip(&taps).any(|(&i, t)| t[i].is_none()) {
            values[i] = f64::from(op.extrapolation_value);
        }
        i += 1;
    });
    if !x.dtype().is_float() {
        values.iter_mut().for_each(|v| *v = v.round_ties_even());
    }
    Ok(vec![Tensor::from_f64s(x.dtype(), &shape, &values)?])
}

fn all_taps(axis: &Axis, op: &Resize) -> Vec<Option<Taps>> {
    (0..axis.output).map(|x| axis.taps(x, op)).collect()
}

/// Resizes one axis of `values`; elements to be extrapolated are 0.
fn along(values: &[f64], shape: &[usize], axis: usize, taps: &[Option<Taps>]) -> Result<Vec<f64>, OpError> {
    let inner: usize = shape[axis + 1..].iter().product();
    let outer: usize = shape[..axis].iter().product();
    let mut out = Vec::with_capacity(bounded(ocelli_tensor::DType::F64, vec![outer, taps.len(), inner])?.elems());
    for o in 0..outer {
        for taps in taps {
            for i in 0..inner {
                let term = |&(at, w): &(usize, f64)| w * values[(o * shape[axis] + at) * inner + i];
                out.push(taps.iter().flatten().map(term).sum());
            }
        }
    }
    Ok(out)
}
