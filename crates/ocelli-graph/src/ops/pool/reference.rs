use ocelli_tensor::{DType, Tensor, contiguous_strides};

use super::{Pool, PoolKind};
use crate::operator::Outputs;
use crate::ops::util::{for_each_index, required};

pub(super) fn evaluate(op: &Pool, inputs: &[Option<Tensor>]) -> Outputs {
    let x = required(inputs, 0)?;
    let (window, shape) = op.geometry(x.shape())?;
    let (size, n) = (&x.shape()[2..], x.rank() - 2);
    let xs = x.to_f64s();
    let strides = contiguous_strides(x.shape());
    let plane: usize = size.iter().product();
    let mut values = Vec::with_capacity(shape.iter().product());
    let mut indices = Vec::with_capacity(shape.iter().product());
    for_each_index(&shape, |at| {
        let base = at[0] * strides[0] + at[1] * strides[1];
        let (mut best, mut index): (f64, Option<i64>) = (f64::NEG_INFINITY, None);
        let (mut sum, mut power, mut inside, mut padded) = (0.0, 0.0, 0usize, 0usize);
        for_each_index(&window.kernel, |k| {
            let (mut offset, mut column, mut step) = (base, 0, 1);
            let (mut is_inside, mut is_padded) = (true, true);
            for i in 0..n {
                let pos = (at[2 + i] * window.strides[i] + k[i] * window.dilations[i]) as i64 - window.pads[i];
                is_inside &= pos >= 0 && pos < size[i] as i64;
                is_padded &= pos < size[i] as i64 + window.pads[n + i];
                if is_inside {
                    offset += pos as usize * strides[2 + i];
                    column += pos as usize * step;
                    step *= size[i];
                }
            }
            padded += usize::from(is_padded);
            if !is_inside {
                return;
            }
            inside += 1;
            let value = xs[offset];
            if index.is_none() || value > best {
                best = value;
                index = Some(match op.kind {
                    PoolKind::Max { column_major: true } => base - base % plane + column,
                    _ => offset,
                } as i64);
            }
            sum += value;
            if let PoolKind::Lp { p } = op.kind {
                power += value.abs().powf(f64::from(p));
            }
        });
        indices.push(index.unwrap_or(-1));
        values.push(match op.kind {
            PoolKind::Max { .. } => best,
            PoolKind::Average { count_include_pad } => {
                sum / if count_include_pad { padded } else { inside }.max(1) as f64
            }
            PoolKind::Lp { p } => power.powf(1.0 / f64::from(p)),
        });
    });
    let mut results = vec![Tensor::from_f64s(x.dtype(), &shape, &values)?];
    if matches!(op.kind, PoolKind::Max { .. }) {
        results.push(Tensor::from_i64s(DType::I64, &shape, &indices)?);
    }
    Ok(results)
}
