use ocelli_tensor::Tensor;

use super::RotaryEmbedding;
use crate::OpError;
use crate::operator::Outputs;
use crate::ops::numeric::result;
use crate::ops::util::{optional, required};

pub(super) fn evaluate(op: &RotaryEmbedding, inputs: &[Option<Tensor>]) -> Outputs {
    let x = required(inputs, 0)?;
    let s = op.sizes(x.shape())?;
    let (cos, sin) = (required(inputs, 1)?, required(inputs, 2)?);
    let ids = optional(inputs, 3).map(Tensor::to_i64s);
    let half = s.rotated / 2;
    let rows = cos.len() / half.max(1);
    let (cos, sin) = (cos.to_f64s(), sin.to_f64s());
    let xs = x.to_f64s();
    let mut y = xs.clone();
    for b in 0..s.batch {
        for l in 0..s.length {
            let token = b * s.length + l;
            let row = ids.as_ref().map_or(Some(token), |ids| usize::try_from(ids[token]).ok());
            let row = row.filter(|&r| r < rows || half == 0);
            let row = row.ok_or_else(|| OpError::invalid(format!("a position outside of {rows}")))?;
            for h in 0..s.heads {
                let first = if x.rank() == 4 { (b * s.heads + h) * s.length + l } else { token * s.heads + h } * s.size;
                for i in 0..half {
                    let (p, q) = if op.interleaved { (2 * i, 2 * i + 1) } else { (i, half + i) };
                    let (c, n) = (cos[row * half + i], sin[row * half + i]);
                    let (a, d) = (xs[first + p], xs[first + q]);
                    y[first + p] = c * a - n * d;
                    y[first + q] = n * a + c * d;
                }
            }
        }
    }
    result(x.dtype(), x.shape(), &y)
}
