//! Sequences and optionals, resolved while importing: a sequence is a list of values, and no operator of the graph.
//!
//! That covers what exporters write (`SplitToSequence`, `SequenceAt`, `SequenceConstruct`, `ConcatFromSequence` with
//! constant positions); a sequence whose length depends on data is not supported.

use ocelli_graph::ValueId;
use ocelli_graph::ops::concat::Concat;
use ocelli_graph::ops::unary::{Unary, UnaryKind};
use ocelli_tensor::Tensor;

use super::Convert;
use crate::ImportError;
use crate::call::call;
use crate::node::{Converted, NodeCx};

pub(super) const OPS: &[(&str, Convert)] = &[
    ("ConcatFromSequence", concat),
    ("Optional", optional),
    ("OptionalGetElement", |cx| forward(cx)),
    ("OptionalHasElement", has_element),
    ("SequenceAt", at),
    ("SequenceConstruct", |cx| {
        let items = cx.inputs.iter().flatten().copied().collect();
        cx.push_sequence(items)
    }),
    ("SequenceEmpty", |cx| cx.push_sequence(Vec::new())),
    ("SequenceErase", erase),
    ("SequenceInsert", insert),
    ("SequenceLength", length),
    ("SplitToSequence", split),
];

/// Most parts that SplitToSequence may have.
const MAX_PARTS: usize = 4096;

/// Names of the operators that take sequences.
pub(crate) fn takes_sequences(op: &str) -> bool {
    OPS.iter().any(|(name, _)| *name == op)
}

fn sequence(cx: &NodeCx<'_>) -> Result<Vec<ValueId>, ImportError> {
    let id = cx.input(0)?;
    cx.sequence(id).ok_or_else(|| cx.unsupported("a sequence of which the length is not known"))
}

/// Position of an element, counted from the back where negative; at most `max`.
fn position(cx: &NodeCx<'_>, input: usize, len: usize, max: usize) -> Result<usize, ImportError> {
    let given = cx
        .constant_input(input)
        .and_then(|t| t.to_i64s().first().copied())
        .ok_or_else(|| cx.unsupported("a position that is not constant"))?;
    let len = i64::try_from(len).map_err(|e| cx.invalid(e.to_string()))?;
    let at = if given < 0 { given.saturating_add(len) } else { given };
    usize::try_from(at)
        .ok()
        .filter(|&at| at <= max)
        .ok_or_else(|| cx.invalid(format!("position {given} in a sequence of {len}")))
}

fn at(cx: &mut NodeCx<'_>) -> Converted {
    let items = sequence(cx)?;
    let at = position(cx, 1, items.len(), items.len().saturating_sub(1))?;
    let item = items.get(at).copied().ok_or_else(|| cx.invalid("the sequence is empty"))?;
    cx.push_with(Unary { kind: UnaryKind::Identity }, vec![Some(item)])
}

fn insert(cx: &mut NodeCx<'_>) -> Converted {
    let mut items = sequence(cx)?;
    let item = cx.input(1)?;
    let at = match cx.optional(2) {
        Some(_) => position(cx, 2, items.len(), items.len())?,
        None => items.len(),
    };
    items.insert(at.min(items.len()), item);
    cx.push_sequence(items)
}

fn erase(cx: &mut NodeCx<'_>) -> Converted {
    let mut items = sequence(cx)?;
    let last = items.len().saturating_sub(1);
    let at = match cx.optional(1) {
        Some(_) => position(cx, 1, items.len(), last)?,
        None => last,
    };
    if at >= items.len() {
        return Err(cx.invalid("the sequence is empty"));
    }
    items.remove(at);
    cx.push_sequence(items)
}

fn length(cx: &mut NodeCx<'_>) -> Converted {
    let length = sequence(cx)?.len();
    let length = i64::try_from(length).map_err(|e| cx.invalid(e.to_string()))?;
    cx.push_constant(Tensor::scalar(length))
}

/// `new_axis` stacks instead of joining.
fn concat(cx: &mut NodeCx<'_>) -> Converted {
    let mut items = sequence(cx)?;
    let axis = cx.attributes().required_int("axis")?;
    if items.is_empty() {
        return Err(cx.invalid("the sequence is empty"));
    }
    if cx.attributes().flag("new_axis", false)? {
        let axes = cx.i64s(&[axis])?;
        for item in &mut items {
            *item = cx.apply(call("Unsqueeze"), &[*item, axes])?;
        }
    }
    cx.push_with(Concat { axis }, items.into_iter().map(Some).collect())
}

/// Parts of the sizes given, of one size, or of size 1 without their axis unless `keepdims`.
fn split(cx: &mut NodeCx<'_>) -> Converted {
    let axis = cx.attributes().int_or("axis", 0)?;
    let keepdims = cx.attributes().flag("keepdims", true)?;
    let x = cx.input(0)?;
    let sizes = match (cx.optional(1), cx.constant_input(1)) {
        (None, _) => vec![1; size_along(cx, axis)?],
        (Some(_), None) => return Err(cx.unsupported("sizes that are not constant")),
        (Some(_), Some(sizes)) if sizes.rank() > 0 => sizes.to_i64s(),
        (Some(_), Some(size)) => {
            let size = size.to_i64s().first().copied().and_then(|s| usize::try_from(s).ok()).filter(|&s| s > 0);
            let size = size.ok_or_else(|| cx.invalid("parts of no size"))?;
            let whole = size_along(cx, axis)?;
            let starts = (0..whole).step_by(size).take(MAX_PARTS + 1);
            starts.map(|start| i64::try_from(size.min(whole - start)).unwrap_or(i64::MAX)).collect()
        }
    };
    if sizes.len() > MAX_PARTS {
        return Err(cx.unsupported(format!("more than {MAX_PARTS} parts")));
    }
    let count = sizes.len();
    let sizes = cx.i64s(&sizes)?;
    let mut parts = cx.apply_many(call("Split").int("axis", axis), &[Some(x), Some(sizes)], count)?;
    if cx.optional(1).is_none() && !keepdims {
        let axes = cx.i64s(&[axis])?;
        for part in &mut parts {
            *part = cx.apply(call("Squeeze"), &[*part, axes])?;
        }
    }
    cx.push_sequence(parts)
}

/// Size of input 0 along an axis, where the model declares it.
fn size_along(cx: &NodeCx<'_>, axis: i64) -> Result<usize, ImportError> {
    let rank = cx.declared_rank(0).and_then(|r| i64::try_from(r).ok());
    let axis = if axis < 0 { rank.map(|r| axis + r) } else { Some(axis) };
    axis.and_then(|a| usize::try_from(a).ok())
        .and_then(|a| cx.declared_dim(0, a))
        .filter(|&d| d <= MAX_PARTS)
        .ok_or_else(|| cx.unsupported("a number of parts that the model does not declare"))
}

/// An optional that holds its input.
fn optional(cx: &mut NodeCx<'_>) -> Converted {
    if cx.optional(0).is_none() {
        return Err(cx.unsupported("nothing in it"));
    }
    forward(cx)
}

fn forward(cx: &mut NodeCx<'_>) -> Converted {
    let id = cx.input(0)?;
    match cx.sequence(id) {
        Some(items) => cx.push_sequence(items),
        None => cx.push(Unary { kind: UnaryKind::Identity }),
    }
}

fn has_element(cx: &mut NodeCx<'_>) -> Converted {
    let given = cx.optional(0).is_some();
    let given = Tensor::from_bools(&[], &[given]).map_err(|e| cx.invalid(e.to_string()))?;
    cx.push_constant(given)
}
