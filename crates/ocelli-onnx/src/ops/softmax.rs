//! Softmax, LogSoftmax, Hardmax.

use ocelli_graph::ops::softmax::{Softmax, SoftmaxKind};

use super::Convert;
use crate::call::call;
use crate::node::{Converted, NodeCx};

pub(super) const OPS: &[(&str, Convert)] = &[
    ("Hardmax", |cx| softmax(cx, SoftmaxKind::Hardmax)),
    ("LogSoftmax", |cx| softmax(cx, SoftmaxKind::LogSoftmax)),
    ("Softmax", |cx| softmax(cx, SoftmaxKind::Softmax)),
];

/// Before version 13 the function runs over all dimensions from `axis` on as if they were one.
fn softmax(cx: &mut NodeCx<'_>, kind: SoftmaxKind) -> Converted {
    if cx.version >= 13 {
        let axis = cx.attributes().int_or("axis", -1)?;
        return cx.push(Softmax { kind, axis });
    }
    let axis = cx.attributes().int_or("axis", 1)?;
    let x = cx.input(0)?;
    let last = cx.declared_rank(0).and_then(|rank| i64::try_from(rank).ok()).map(|rank| rank - 1);
    if axis == -1 || Some(axis) == last {
        return cx.push(Softmax { kind, axis: -1 });
    }
    let flat = cx.apply(call("Flatten").int("axis", axis), &[x])?;
    let y = cx.emit(Softmax { kind, axis: -1 }, &[flat])?;
    let shape = cx.shape_of(x)?;
    cx.finish(call("Reshape"), &[Some(y), Some(shape)])
}
