use std::ops::AddAssign;

use ocelli_tensor::{DType, Tensor, contiguous_strides};

use super::Col2Im;
use crate::operator::Outputs;
use crate::ops::util::{for_each_index, required};
use crate::ops::window::Window;

/// Sums in `f64`, those of integers modulo 2^64.
pub(super) fn evaluate(op: &Col2Im, inputs: &[Option<Tensor>]) -> Outputs {
    let x = required(inputs, 0)?;
    let (image, block) = (required(inputs, 1)?.to_i64s(), required(inputs, 2)?.to_i64s());
    let (window, blocks, shape) = op.geometry(x.shape(), &image, &block)?;
    let result = if x.dtype().is_float() || x.dtype() == DType::Bool {
        let sums = scatter(&x.to_f64s(), 0.0, &window, &blocks, &shape);
        Tensor::from_f64s(x.dtype(), &shape, &sums)?
    } else {
        let xs: Vec<_> = x.to_i64s().into_iter().map(std::num::Wrapping).collect();
        let sums = scatter(&xs, std::num::Wrapping(0), &window, &blocks, &shape);
        Tensor::from_i64s(x.dtype(), &shape, &sums.iter().map(|s| s.0).collect::<Vec<_>>())?
    };
    Ok(vec![result])
}

fn scatter<T: Copy + AddAssign>(xs: &[T], zero: T, window: &Window, blocks: &[usize], shape: &[usize]) -> Vec<T> {
    let mut out = vec![zero; shape.iter().product()];
    let strides = contiguous_strides(shape);
    let mut values = xs.iter();
    for plane in 0..shape[0] * shape[1] {
        for_each_index(&window.kernel, |k| {
            for_each_index(blocks, |b| {
                let Some(value) = values.next() else { return };
                let mut to = plane * strides[1];
                for i in 0..k.len() {
                    let pos = (b[i] * window.strides[i] + k[i] * window.dilations[i]) as i64 - window.pads[i];
                    if pos < 0 || pos >= shape[2 + i] as i64 {
                        return;
                    }
                    to += pos as usize * strides[2 + i];
                }
                out[to] += *value;
            });
        });
    }
    out
}
