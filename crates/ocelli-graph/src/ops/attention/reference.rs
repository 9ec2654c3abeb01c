use ocelli_tensor::{DType, Tensor};

use super::{Attention, Sizes};
use crate::OpError;
use crate::operator::Outputs;
use crate::ops::util::{broadcast_offset, optional, required};

pub(super) fn evaluate(op: &Attention, inputs: &[Option<Tensor>]) -> Outputs {
    let (q, k, v) = (required(inputs, 0)?, required(inputs, 1)?, required(inputs, 2)?);
    let s = op.sizes(q.shape(), k.shape(), v.shape(), optional(inputs, 4).map(Tensor::shape))?;
    let flat = q.rank() == 3;
    let qs = by_head(&q.to_f64s(), flat, s.batch, s.q_heads, s.queries, s.size);
    let cached = |new: &Tensor, past: Option<&Tensor>, size: usize| {
        let new = by_head(&new.to_f64s(), flat, s.batch, s.kv_heads, s.keys, size);
        append(past.map(Tensor::to_f64s).as_deref(), &new, s, size)
    };
    let ks = cached(k, optional(inputs, 4), s.size);
    let vs = cached(v, optional(inputs, 5), s.value_size);
    let mask = mask(op, inputs, s)?;
    let scale = op.scale.map_or(1.0 / (s.size as f64).sqrt(), f64::from);
    let total = s.total();
    let mut qk = vec![0.0; s.batch * s.q_heads * s.queries * total];
    let mut y = vec![0.0; s.batch * s.q_heads * s.queries * s.value_size];
    for b in 0..s.batch {
        for h in 0..s.q_heads {
            let kv = b * s.kv_heads + h / (s.q_heads / s.kv_heads);
            for i in 0..s.queries {
                let row = (b * s.q_heads + h) * s.queries + i;
                let query = &qs[row * s.size..][..s.size];
                let mut scores: Vec<f64> = (0..total)
                    .map(|j| {
                        let key = &ks[(kv * total + j) * s.size..][..s.size];
                        query.iter().zip(key).map(|(a, b)| a * b).sum::<f64>() * scale
                    })
                    .collect();
                let kept = &mut qk[row * total..][..total];
                kept.copy_from_slice(&scores);
                for (j, score) in scores.iter_mut().enumerate() {
                    *score += mask(b, h, i, j);
                }
                if op.qk_matmul_output_mode == 1 {
                    kept.copy_from_slice(&scores);
                }
                let cap = f64::from(op.softcap);
                if cap > 0.0 {
                    scores.iter_mut().for_each(|x| *x = cap * (*x / cap).tanh());
                }
                if op.qk_matmul_output_mode == 2 {
                    kept.copy_from_slice(&scores);
                }
                softmax(&mut scores);
                if op.qk_matmul_output_mode == 3 {
                    kept.copy_from_slice(&scores);
                }
                let at = if flat { (b * s.queries + i) * s.q_heads + h } else { row } * s.value_size;
                for (j, weight) in scores.iter().enumerate() {
                    let value = &vs[(kv * total + j) * s.value_size..][..s.value_size];
                    for (sum, v) in y[at..at + s.value_size].iter_mut().zip(value) {
                        *sum += weight * v;
                    }
                }
            }
        }
    }
    let y_shape = if flat {
        vec![s.batch, s.queries, s.q_heads * s.value_size]
    } else {
        vec![s.batch, s.q_heads, s.queries, s.value_size]
    };
    Ok(vec![
        Tensor::from_f64s(q.dtype(), &y_shape, &y)?,
        Tensor::from_f64s(k.dtype(), &[s.batch, s.kv_heads, total, s.size], &ks)?,
        Tensor::from_f64s(v.dtype(), &[s.batch, s.kv_heads, total, s.value_size], &vs)?,
        Tensor::from_f64s(q.dtype(), &[s.batch, s.q_heads, s.queries, total], &qk)?,
    ])
}

fn softmax(x: &mut [f64]) {
    let max = x.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let sum: f64 = x.iter().map(|v| (v - max).exp()).sum();
    x.iter_mut().for_each(|v| *v = (*v - max).exp() / sum);
}

/// `[batch, length, heads * size]` (when `flat`) as `[batch, heads, length, size]`.
fn by_head(x: &[f64], flat: bool, batch: usize, heads: usize, length: usize, size: usize) -> Vec<f64> {
    if !flat {
        return x.to_vec();
    }
    let mut y = Vec::with_capacity(x.len());
    for b in 0..batch {
        for h in 0..heads {
            for l in 0..length {
                y.extend_from_slice(&x[((b * length + l) * heads + h) * size..][..size]);
            }
        }
    }
    y
}

/// The cache followed by the new rows, for each batch and head.
fn append(past: Option<&[f64]>, new: &[f64], s: Sizes, size: usize) -> Vec<f64> {
    let Some(past) = past else { return new.to_vec() };
    let mut all = Vec::with_capacity(past.len() + new.len());
    for i in 0..s.batch * s.kv_heads {
        all.extend_from_slice(&past[i * s.past * size..][..s.past * size]);
        all.extend_from_slice(&new[i * s.keys * size..][..s.keys * size]);
    }
    all
}

/// What is added to the score of (batch, head, query, key).
fn mask(
    op: &Attention,
    inputs: &[Option<Tensor>],
    s: Sizes,
) -> Result<impl Fn(usize, usize, usize, usize) -> f64, OpError> {
    let given = match optional(inputs, 3) {
        Some(t) if t.dtype() == DType::Bool => {
            let values = t.bools()?.into_iter().map(|b| if b { 0.0 } else { f64::NEG_INFINITY }).collect();
            Some((values, t.shape().to_vec()))
        }
        Some(t) => Some((t.to_f64s(), t.shape().to_vec())),
        None => None,
    };
    let lens = optional(inputs, 6).map(Tensor::to_i64s);
    let causal = op.is_causal;
    Ok(move |b: usize, h: usize, i: usize, j: usize| {
        let hidden = causal && j > i + s.past || lens.as_ref().is_some_and(|l| j as i64 >= l[b]);
        let added = given.as_ref().map_or(0.0, |(values, shape): &(Vec<f64>, Vec<usize>)| {
            // A mask of fewer keys hides the rest; one of a single key does too, unless there is only one.
            match shape.last() {
                Some(&last) if j >= last => f64::NEG_INFINITY,
                _ => values[broadcast_offset(&[b, h, i, j], shape)],
            }
        });
        if hidden { f64::NEG_INFINITY } else { added }
    })
}
