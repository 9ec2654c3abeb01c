//! RotaryEmbedding: pairs of features turned by an angle that depends on the position.

use ocelli_graph::ValueId;

use crate::ImportError;
use crate::call::call;
use crate::node::{Converted, NodeCx};
use crate::ops::Convert;

pub(super) const OPS: &[(&str, Convert)] = &[("RotaryEmbedding", rotary_embedding)];

/// `(a, b)` becomes `(cos a - sin b, sin a + cos b)`; the pairs are halves apart, or neighbours where interleaved.
fn rotary_embedding(cx: &mut NodeCx<'_>) -> Converted {
    let interleaved = cx.attributes().flag("interleaved", false)?;
    let turned = cx.attributes().int_or("rotary_embedding_dim", 0)?;
    let heads = cx.attributes().int_or("num_heads", 0)?;
    let flat = cx.declared_rank(0).map_or(heads > 0, |rank| rank == 3);
    let input = cx.input(0)?;
    let mut x = input;
    if flat {
        let shape = cx.i64s(&[0, 0, heads, -1])?;
        x = cx.apply(call("Reshape"), &[x, shape])?;
    }
    // The caches are [batch, length, size / 2]; the heads come after the length in a flat input, else before it.
    let head_axis = cx.i64s(&[if flat { 2 } else { 1 }])?;
    let cos = cache(cx, 1, head_axis)?;
    let sin = cache(cx, 2, head_axis)?;
    let mut rest = None;
    let whole = x;
    if turned > 0 {
        x = slice(cx, whole, 0, turned, 1)?;
        rest = Some(slice(cx, whole, turned, i64::MAX, 1)?);
    }
    let (a, b) = if interleaved {
        (slice(cx, x, 0, i64::MAX, 2)?, slice(cx, x, 1, i64::MAX, 2)?)
    } else {
        let parts = cx.apply_many(call("Split").int("axis", -1).int("num_outputs", 2), &[Some(x)], 2)?;
        match parts.as_slice() {
            [a, b] => (*a, *b),
            _ => return Err(cx.invalid("no halves")),
        }
    };
    let ca = cx.apply(call("Mul"), &[cos, a])?;
    let sb = cx.apply(call("Mul"), &[sin, b])?;
    let sa = cx.apply(call("Mul"), &[sin, a])?;
    let cb = cx.apply(call("Mul"), &[cos, b])?;
    let real = cx.apply(call("Sub"), &[ca, sb])?;
    let imaginary = cx.apply(call("Add"), &[sa, cb])?;
    let mut y = if interleaved {
        let last = cx.i64s(&[-1])?;
        let real = cx.apply(call("Unsqueeze"), &[real, last])?;
        let imaginary = cx.apply(call("Unsqueeze"), &[imaginary, last])?;
        let pairs = cx.apply(call("Concat").int("axis", -1), &[real, imaginary])?;
        let shape = cx.shape_of(x)?;
        cx.apply(call("Reshape"), &[pairs, shape])?
    } else {
        cx.apply(call("Concat").int("axis", -1), &[real, imaginary])?
    };
    if let Some(rest) = rest {
        y = cx.apply(call("Concat").int("axis", -1), &[y, rest])?;
    }
    let shape = cx.shape_of(input)?;
    cx.finish(call("Reshape"), &[Some(y), Some(shape)])
}

/// The rows of a cache for the positions, with an axis for the heads.
fn cache(cx: &mut NodeCx<'_>, i: usize, head_axis: ValueId) -> Result<ValueId, ImportError> {
    let mut cache = cx.input(i)?;
    if let Some(positions) = cx.optional(3) {
        cache = cx.apply(call("Gather").int("axis", 0), &[cache, positions])?;
    }
    cx.apply(call("Unsqueeze"), &[cache, head_axis])
}

/// Every `step`th feature from `start` to `end`.
fn slice(cx: &mut NodeCx<'_>, x: ValueId, start: i64, end: i64, step: i64) -> Result<ValueId, ImportError> {
    let start = cx.i64s(&[start])?;
    let end = cx.i64s(&[end])?;
    let axis = cx.i64s(&[-1])?;
    let step = cx.i64s(&[step])?;
    cx.apply(call("Slice"), &[x, start, end, axis, step])
}
