use ocelli_tensor::Tensor;

use super::Dims;
use crate::OpError;
use crate::operator::Outputs;
use crate::ops::numeric::result;
use crate::ops::util::{broadcast_offset, for_each_index, required};

pub(super) fn evaluate(_op: &super::MatMul, inputs: &[Option<Tensor>]) -> Outputs {
    let (a, b) = (required(inputs, 0)?, required(inputs, 1)?);
    let dims = Dims::new(a.shape(), b.shape())?;
    if a.dtype().is_float() {
        let y = multiply(&dims, &a.to_f64s(), &b.to_f64s(), |sum, x, y| sum + x * y);
        return result(a.dtype(), &dims.y, &y);
    }
    let mul_add = |sum: i64, x: i64, y: i64| sum.wrapping_add(x.wrapping_mul(y));
    let y = multiply(&dims, &a.to_i64s(), &b.to_i64s(), mul_add);
    Ok(vec![Tensor::from_i64s(a.dtype(), &dims.y, &y).map_err(OpError::from)?])
}

/// The product of `a` and `b` with this multiply-add, in the order of Y.
pub(crate) fn multiply<T: Copy + Default>(
    dims: &Dims,
    a: &[T],
    b: &[T],
    mul_add: impl Fn(T, T, T) -> T,
) -> Vec<T> {
    let (m, k, n) = (dims.m, dims.k, dims.n);
    let mut y = Vec::with_capacity(dims.y.iter().product());
    for_each_index(&dims.batch, |at| {
        let a0 = broadcast_offset(at, &dims.a[..dims.a.len() - 2]) * m * k;
        let b0 = broadcast_offset(at, &dims.b[..dims.b.len() - 2]) * k * n;
        for i in 0..m {
            let mut row = vec![T::default(); n];
            for t in 0..k {
                let x = a[a0 + i * k + t];
                for (sum, &w) in row.iter_mut().zip(&b[b0 + t * n..]) {
                    *sum = mul_add(*sum, x, w);
                }
            }
            y.extend(row);
        }
    });
    y
}
