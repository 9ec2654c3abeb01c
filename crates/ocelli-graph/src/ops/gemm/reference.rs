use ocelli_tensor::Tensor;

use super::Gemm;
use crate::OpError;
use crate::operator::Outputs;
use crate::ops::numeric::result;
use crate::ops::util::{broadcast_offset, optional, required};

pub(super) fn evaluate(op: &Gemm, inputs: &[Option<Tensor>]) -> Outputs {
    let (a, b, c) = (required(inputs, 0)?, required(inputs, 1)?, optional(inputs, 2));
    let (m, k, n) = op.dims(a.shape(), b.shape())?;
    let a_at = |i: usize, t: usize| if op.trans_a { t * m + i } else { i * k + t };
    let b_at = |t: usize, j: usize| if op.trans_b { j * k + t } else { t * n + j };
    let c_at = |i: usize, j: usize| c.map(|c| broadcast_offset(&[i, j], c.shape()));
    if !a.dtype().is_float() && op.alpha == 1.0 && op.beta == 1.0 {
        let (x, w, bias) = (a.to_i64s(), b.to_i64s(), c.map(Tensor::to_i64s).unwrap_or_default());
        let mut y = Vec::with_capacity(m * n);
        for i in 0..m {
            for j in 0..n {
                let mut sum = c_at(i, j).map_or(0, |at| bias[at]);
                for t in 0..k {
                    sum = sum.wrapping_add(x[a_at(i, t)].wrapping_mul(w[b_at(t, j)]));
                }
                y.push(sum);
            }
        }
        return Ok(vec![Tensor::from_i64s(a.dtype(), &[m, n], &y).map_err(OpError::from)?]);
    }
    let (x, w, bias) = (a.to_f64s(), b.to_f64s(), c.map(Tensor::to_f64s).unwrap_or_default());
    let mut y = Vec::with_capacity(m * n);
    for i in 0..m {
        for j in 0..n {
            let sum: f64 = (0..k).map(|t| x[a_at(i, t)] * w[b_at(t, j)]).sum();
            let add = c_at(i, j).map_or(0.0, |at| f64::from(op.beta) * bias[at]);
            y.push(f64::from(op.alpha) * sum + add);
        }
    }
    result(a.dtype(), &[m, n], &y)
}
