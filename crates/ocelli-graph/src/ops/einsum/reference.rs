use ocelli_tensor::{Tensor, contiguous_strides};

use super::{Contraction, Einsum};
use crate::OpError;
use crate::operator::Outputs;
use crate::ops::bounds::bounded;
use crate::ops::numeric::result;
use crate::ops::util::{for_each_index, required};

pub(super) fn evaluate(op: &Einsum, inputs: &[Option<Tensor>]) -> Outputs {
    let tensors = (0..inputs.len()).map(|i| required(inputs, i)).collect::<Result<Vec<_>, _>>()?;
    let shapes: Vec<&[usize]> = tensors.iter().map(|t| t.shape()).collect();
    let c = Contraction::new(&op.equation, &shapes)?;
    let dtype = required(inputs, 0)?.dtype();
    bounded(dtype, c.output_shape())?;
    if dtype.is_float() {
        let values: Vec<Vec<f64>> = tensors.iter().map(|t| t.to_f64s()).collect();
        let y = contract(&c, &shapes, &values, 0.0, 1.0, |a, b| a * b, |a, b| a + b);
        return result(dtype, &c.output_shape(), &y);
    }
    let values: Vec<Vec<i64>> = tensors.iter().map(|t| t.to_i64s()).collect();
    let y = contract(&c, &shapes, &values, 0, 1, i64::wrapping_mul, i64::wrapping_add);
    Ok(vec![Tensor::from_i64s(dtype, &c.output_shape(), &y).map_err(OpError::from)?])
}

fn contract<T: Copy>(
    c: &Contraction,
    shapes: &[&[usize]],
    values: &[Vec<T>],
    zero: T,
    one: T,
    mul: impl Fn(T, T) -> T,
    add: impl Fn(T, T) -> T,
) -> Vec<T> {
    let summed = c.summed();
    let order: Vec<_> = c.output.iter().chain(&summed).copied().collect();
    // For each operand the step of each label in `order`; repeated labels add up, dimensions of 1 repeat.
    let steps: Vec<Vec<usize>> = c
        .operands
        .iter()
        .zip(shapes)
        .map(|(labels, shape)| {
            let strides = contiguous_strides(shape);
            let step = |label| {
                let dims = labels.iter().enumerate().filter(|(d, l)| **l == label && shape[*d] != 1);
                dims.map(|(d, _)| strides[d]).sum()
            };
            order.iter().map(|&label| step(label)).collect()
        })
        .collect();
    let sizes = |labels: &[_]| labels.iter().map(|&l| c.size(l)).collect::<Vec<_>>();
    let (out_shape, sum_shape) = (sizes(&c.output), sizes(&summed));
    let mut y = Vec::with_capacity(out_shape.iter().product());
    for_each_index(&out_shape, |o| {
        let mut total = zero;
        for_each_index(&sum_shape, |s| {
            let mut product = one;
            for (values, steps) in values.iter().zip(&steps) {
                let at: usize = o.iter().chain(s).zip(steps).map(|(i, step)| i * step).sum();
                product = mul(product, values[at]);
            }
            total = add(total, product);
        });
        y.push(total);
    });
    y
}
