//! Attention: scaled dot-product attention with masks, key and value caches and grouped heads, as the matrix products and
//! the softmax that it is made of: those have kernels.

use ocelli_graph::ValueId;
use ocelli_graph::ops::attention::Attention;
use ocelli_tensor::{DType, Tensor};

use crate::ImportError;
use crate::call::call;
use crate::node::{Converted, NodeCx};
use crate::ops::Convert;

pub(super) const OPS: &[(&str, Convert)] = &[("Attention", attention)];

/// `softmax(softcap(Q K^T * scale + bias)) V` for each head; inputs of three dimensions hold the heads in the last one.
fn attention(cx: &mut NodeCx<'_>) -> Converted {
    let attributes = cx.attributes();
    let q_heads = attributes.int_or("q_num_heads", 0)?;
    let kv_heads = attributes.int_or("kv_num_heads", 0)?;
    if cx.optional(3).is_some() && cx.declared_dtype(3).is_none() {
        return whole(cx);
    }
    let softcap = attributes.float_or("softcap", 0.0)?;
    let output_mode = attributes.int_or("qk_matmul_output_mode", 0)?;
    let input = cx.input(0)?;
    let flat = q_heads > 0;
    let q = heads(cx, 0, q_heads)?;
    let mut k = heads(cx, 1, kv_heads)?;
    let mut v = heads(cx, 2, kv_heads)?;
    let (past_key, past_value) = (cx.optional(4), cx.optional(5));
    if let Some(past) = past_key {
        let past = cx.widened(past)?;
        k = cx.apply(call("Concat").int("axis", 2), &[past, k])?;
    }
    if let Some(past) = past_value {
        let past = cx.widened(past)?;
        v = cx.apply(call("Concat").int("axis", 2), &[past, v])?;
    }
    cx.finish_like(1, k, input)?;
    cx.finish_like(2, v, input)?;
    let bias = bias(cx, q, k, past_key)?;
    if !flat || q_heads != kv_heads {
        k = repeat_heads(cx, q, k)?;
        v = repeat_heads(cx, q, v)?;
    }
    let scale = scale(cx, q)?;
    let q = cx.apply(call("Mul"), &[q, scale])?;
    let transposed = cx.apply(call("Transpose").ints("perm", &[0, 1, 3, 2]), &[k])?;
    let mut scores = cx.apply(call("MatMul"), &[q, transposed])?;
    let mut shown = scores;
    if let Some(bias) = bias {
        scores = cx.apply(call("Add"), &[scores, bias])?;
    }
    if output_mode == 1 {
        shown = scores;
    }
    if softcap > 0.0 {
        let cap = cx.constant(Tensor::scalar(softcap))?;
        scores = cx.apply(call("Div"), &[scores, cap])?;
        scores = cx.apply(call("Tanh"), &[scores])?;
        scores = cx.apply(call("Mul"), &[scores, cap])?;
    }
    if output_mode == 2 {
        shown = scores;
    }
    let weights = cx.apply(call("Softmax").int("axis", -1), &[scores])?;
    if output_mode == 3 {
        shown = weights;
    }
    cx.finish_like(3, shown, input)?;
    let mut y = cx.apply(call("MatMul"), &[weights, v])?;
    if flat {
        y = cx.apply(call("Transpose").ints("perm", &[0, 2, 1, 3]), &[y])?;
        let shape = cx.i64s(&[0, 0, -1])?;
        y = cx.apply(call("Reshape"), &[y, shape])?;
    }
    cx.finish_like(0, y, input)
}

/// The graph's own operator, which finds out what kind of mask it has.
fn whole(cx: &mut NodeCx<'_>) -> Converted {
    let attributes = cx.attributes();
    cx.push(Attention {
        is_causal: attributes.flag("is_causal", false)?,
        q_num_heads: attributes.size("q_num_heads")?.unwrap_or(0),
        kv_num_heads: attributes.size("kv_num_heads")?.unwrap_or(0),
        qk_matmul_output_mode: attributes.int_or("qk_matmul_output_mode", 0)?,
        scale: attributes.float("scale")?,
        softcap: attributes.float_or("softcap", 0.0)?,
        softmax_precision: cx.dtype_attribute("softmax_precision")?,
    })
}

/// Input `i` as `[batch, heads, length, size]`; `count` is 0 where it comes like that.
fn heads(cx: &mut NodeCx<'_>, i: usize, count: i64) -> Result<ValueId, ImportError> {
    let x = cx.input(i)?;
    let x = cx.widened(x)?;
    if count == 0 {
        return Ok(x);
    }
    let shape = cx.i64s(&[0, 0, count, -1])?;
    let x = cx.apply(call("Reshape"), &[x, shape])?;
    cx.apply(call("Transpose").ints("perm", &[0, 2, 1, 3]), &[x])
}

/// The attribute, or `1 / sqrt(size)`.
fn scale(cx: &mut NodeCx<'_>, q: ValueId) -> Result<ValueId, ImportError> {
    if let Some(scale) = cx.attributes().float("scale")? {
        return cx.constant(Tensor::scalar(scale));
    }
    let size = cx.apply(call("Shape").int("start", 3), &[q])?;
    let size = cx.apply(call("Cast").int("to", 1), &[size])?;
    let root = cx.apply(call("Sqrt"), &[size])?;
    cx.apply(call("Reciprocal"), &[root])
}

/// Dimension `axis` of `x`, a scalar.
fn dim(cx: &mut NodeCx<'_>, x: ValueId, axis: i64) -> Result<ValueId, ImportError> {
    let shape = cx.shape_of(x)?;
    let index = cx.constant(Tensor::scalar(axis))?;
    cx.apply(call("Gather").int("axis", 0), &[shape, index])
}

fn range(cx: &mut NodeCx<'_>, end: ValueId) -> Result<ValueId, ImportError> {
    let zero = cx.constant(Tensor::scalar(0i64))?;
    let one = cx.constant(Tensor::scalar(1i64))?;
    cx.apply(call("Range"), &[zero, end, one])
}

/// 0 where `keep`, else minus infinity.
fn masked(cx: &mut NodeCx<'_>, keep: ValueId) -> Result<ValueId, ImportError> {
    let zero = cx.constant(Tensor::scalar(0f32))?;
    let out = cx.constant(Tensor::scalar(f32::NEG_INFINITY))?;
    cx.apply(call("Where"), &[keep, zero, out])
}

/// What is added to the scores: the mask, the causal mask and the padding of the cache.
fn bias(
    cx: &mut NodeCx<'_>,
    q: ValueId,
    k: ValueId,
    past_key: Option<ValueId>,
) -> Result<Option<ValueId>, ImportError> {
    let causal = cx.attributes().flag("is_causal", false)?;
    let mut parts = Vec::new();
    if let Some(mask) = cx.optional(3) {
        let Some(dtype) = cx.declared_dtype(3) else {
            return Err(cx.unsupported("a mask whose type the model does not declare"));
        };
        let mask = if dtype == DType::Bool { masked(cx, mask)? } else { cx.apply(call("Cast").int("to", 1), &[mask])? };
        // A mask for the first keys only hides the rest.
        let shape = cx.i64s(&[-1])?;
        let keys = dim(cx, k, 2)?;
        let keys = cx.apply(call("Reshape"), &[keys, shape])?;
        let given = cx.apply(call("Shape").int("start", -1), &[mask])?;
        let missing = cx.apply(call("Sub"), &[keys, given])?;
        let zero = cx.i64s(&[0])?;
        let missing = cx.apply(call("Max"), &[missing, zero])?;
        let pads = cx.apply(call("Concat").int("axis", 0), &[zero, missing])?;
        let out = cx.constant(Tensor::scalar(f32::NEG_INFINITY))?;
        let axes = cx.i64s(&[-1])?;
        parts.push(cx.apply(call("Pad"), &[mask, pads, out, axes])?);
    }
    if causal {
        let (queries, keys) = (dim(cx, q, 2)?, dim(cx, k, 2)?);
        let mut last = range(cx, queries)?;
        if let Some(past) = past_key {
            let past = dim(cx, past, 2)?;
            last = cx.apply(call("Add"), &[last, past])?;
        }
        let column = cx.i64s(&[-1, 1])?;
        let last = cx.apply(call("Reshape"), &[last, column])?;
        let position = range(cx, keys)?;
        let keep = cx.apply(call("LessOrEqual"), &[position, last])?;
        parts.push(masked(cx, keep)?);
    }
    if let Some(lengths) = cx.optional(6) {
        let keys = dim(cx, k, 2)?;
        let position = range(cx, keys)?;
        let lengths = cx.apply(call("Cast").int("to", 7), &[lengths])?;
        let column = cx.i64s(&[-1, 1, 1, 1])?;
        let lengths = cx.apply(call("Reshape"), &[lengths, column])?;
        let keep = cx.apply(call("Less"), &[position, lengths])?;
        parts.push(masked(cx, keep)?);
    }
    let mut sum = None;
    for part in parts {
        sum = Some(match sum {
            Some(sum) => cx.apply(call("Add"), &[sum, part])?,
            None => part,
        });
    }
    Ok(sum)
}

/// Each head of `x` as often as there are query heads for it, one after the other.
fn repeat_heads(cx: &mut NodeCx<'_>, q: ValueId, x: ValueId) -> Result<ValueId, ImportError> {
    let q_heads = cx.apply(call("Shape").int("start", 1).int("end", 2), &[q])?;
    let batch = cx.apply(call("Shape").int("end", 1), &[x])?;
    let heads = cx.apply(call("Shape").int("start", 1).int("end", 2), &[x])?;
    let rest = cx.apply(call("Shape").int("start", 2), &[x])?;
    let times = cx.apply(call("Div"), &[q_heads, heads])?;
    let axis = cx.i64s(&[2])?;
    let x = cx.apply(call("Unsqueeze"), &[x, axis])?;
    let wide = cx.apply(call("Concat").int("axis", 0), &[batch, heads, times, rest])?;
    let x = cx.apply(call("Expand"), &[x, wide])?;
    let shape = cx.apply(call("Concat").int("axis", 0), &[batch, q_heads, rest])?;
    cx.apply(call("Reshape"), &[x, shape])
}
