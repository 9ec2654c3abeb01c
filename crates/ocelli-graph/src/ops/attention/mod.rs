//! [Attention](https://onnx.ai/onnx/operators/onnx__Attention.html): scaled dot-product attention with grouped heads, masks and
//! a cache.
//!
//! | | shape |
//! |---|---|
//! | Q | `[B, q_heads, L, S]`, or `[B, L, q_heads * S]` |
//! | K, V | `[B, kv_heads, T, S]` and `[B, kv_heads, T, SV]`, or `[B, T, kv_heads * S]` and `[B, T, kv_heads * SV]` |
//! | attn_mask (optional) | broadcasts to `[B, q_heads, L, past + T]`; bool or added; a shorter last dimension is masked |
//! | past_key, past_value (optional) | `[B, kv_heads, past, S]`, `[B, kv_heads, past, SV]` |
//! | nonpad_kv_seqlen (optional) | `[B]` int64: keys from there on are masked |
//! | Y | as Q, with SV for S |
//! | present_key, present_value | past followed by K, V |
//! | qk_matmul_output | `[B, q_heads, L, past + T]`: the product, then with the mask (mode 1), soft-capped (2), softmax (3) |

#[allow(missing_docs, reason = "one function")]
pub mod cases;

mod lower;
mod reference;

use ocelli_tensor::Tensor;
use ocelli_tensor::{DType, broadcast_shapes};

use super::bounds::bounded;
use super::numeric::{FLOATS, expect_shape};

use crate::plan::LowerCx;
use crate::{InferCx, OpError, Operator, TensorType, operator::Outputs};

/// Attributes of Attention.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Attention {
    /// Whether a query sees only the keys up to its own position.
    pub is_causal: bool,
    /// Heads of Q, needed for inputs of rank 3.
    pub q_num_heads: usize,
    /// Heads of K and V, needed for inputs of rank 3.
    pub kv_num_heads: usize,
    /// What the fourth result is: 0 to 3.
    pub qk_matmul_output_mode: i64,
    /// Factor of the product; `1 / sqrt(S)` by default.
    pub scale: Option<f32>,
    /// Bound of the scores: `softcap * tanh(x / softcap)` unless 0.
    pub softcap: f32,
    /// Type of the softmax (`softmax_precision`), by default that of the scores.
    pub softmax_precision: Option<DType>,
}

/// The sizes of an attention.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sizes {
    pub batch: usize,
    pub q_heads: usize,
    pub kv_heads: usize,
    pub queries: usize,
    pub past: usize,
    pub keys: usize,
    pub size: usize,
    pub value_size: usize,
}

impl Sizes {
    /// Past and new keys.
    pub fn total(&self) -> usize {
        self.past + self.keys
    }
}

impl Attention {
    pub(crate) fn sizes(&self, q: &[usize], k: &[usize], v: &[usize], past: Option<&[usize]>) -> Result<Sizes, OpError> {
        let bad = || OpError::invalid(format!("{self:?} does not fit Q {q:?}, K {k:?}, V {v:?}, past {past:?}"));
        let split = |x: &[usize], heads: usize| match *x {
            [b, h, l, s] => Ok((b, h, l, s)),
            [b, l, hidden] if heads > 0 && hidden % heads == 0 => Ok((b, heads, l, hidden / heads)),
            _ => Err(bad()),
        };
        if q.len() != k.len() || q.len() != v.len() {
            return Err(bad());
        }
        let (batch, q_heads, queries, size) = split(q, self.q_num_heads)?;
        let (k_batch, kv_heads, keys, k_size) = split(k, self.kv_num_heads)?;
        let (v_batch, v_heads, values, value_size) = split(v, self.kv_num_heads)?;
        let past = past.map_or(Some(0), |p| p.get(2).copied()).ok_or_else(bad)?;
        let fits = k_batch == batch && v_batch == batch && k_size == size && values == keys && v_heads == kv_heads;
        if !fits || kv_heads == 0 || q_heads % kv_heads != 0 || past.checked_add(keys).is_none() {
            return Err(bad());
        }
        Ok(Sizes { batch, q_heads, kv_heads, queries, past, keys, size, value_size })
    }
}

impl Operator for Attention {
    fn name(&self) -> &'static str {
        "Attention"
    }

    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, OpError> {
        for i in 0..3 {
            cx.expect_dtype(i, &FLOATS)?;
        }
        let (q, k, v) = (cx.input(0)?, cx.input(1)?, cx.input(2)?);
        let past = cx.optional(4).map(|t| &t.shape[..]);
        let s = self.sizes(&q.shape, &k.shape, &v.shape, past)?;
        if cx.has(4) != cx.has(5) {
            return Err(OpError::invalid("past_key and past_value go together"));
        }
        for (i, what, size) in [(4, "past_key", s.size), (5, "past_value", s.value_size)] {
            if let Some(past) = cx.optional(i) {
                expect_shape(what, past, &[s.batch, s.kv_heads, s.past, size])?;
            }
        }
        let scores = [s.batch, s.q_heads, s.queries, s.total()];
        if let Some(mask) = cx.optional(3) {
            let mut padded = mask.shape.clone();
            match padded.last_mut() {
                Some(last) if *last <= s.total() => *last = s.total(),
                _ => return Err(OpError::invalid(format!("attn_mask {mask} for {} keys", s.total()))),
            }
            if broadcast_shapes(&padded, &scores).as_deref() != Some(&scores[..]) {
                return Err(OpError::invalid(format!("attn_mask {mask} does not fit scores {scores:?}")));
            }
        }
        if let Some(lens) = cx.optional(6) {
            expect_shape("nonpad_kv_seqlen", lens, &[s.batch])?;
        }
        let y = match q.rank() {
            4 => vec![s.batch, s.q_heads, s.queries, s.value_size],
            _ => vec![s.batch, s.queries, s.q_heads.saturating_mul(s.value_size)],
        };
        Ok(vec![
            bounded(q.dtype, y)?,
            bounded(k.dtype, [s.batch, s.kv_heads, s.total(), s.size])?,
            bounded(v.dtype, [s.batch, s.kv_heads, s.total(), s.value_size])?,
            bounded(q.dtype, scores)?,
        ])
    }

    fn evaluate(&self, inputs: &[Option<Tensor>], _outputs: usize) -> Outputs {
        reference::evaluate(self, inputs)
    }

    fn lower(&self, cx: &mut LowerCx<'_>) -> Result<(), OpError> {
        lower::lower(self, cx)
    }
}
