//! ReduceSum and its siblings.

use ocelli_graph::ops::reduce::{Reduce, ReduceKind};

use super::Convert;
use super::forms::ints_as_input;
use crate::node::{Converted, NodeCx};

pub(super) const OPS: &[(&str, Convert)] = &[
    ("ReduceL1", |cx| reduce(cx, ReduceKind::L1, 18)),
    ("ReduceL2", |cx| reduce(cx, ReduceKind::L2, 18)),
    ("ReduceLogSum", |cx| reduce(cx, ReduceKind::LogSum, 18)),
    ("ReduceLogSumExp", |cx| reduce(cx, ReduceKind::LogSumExp, 18)),
    ("ReduceMax", |cx| reduce(cx, ReduceKind::Max, 18)),
    ("ReduceMean", |cx| reduce(cx, ReduceKind::Mean, 18)),
    ("ReduceMin", |cx| reduce(cx, ReduceKind::Min, 18)),
    ("ReduceProd", |cx| reduce(cx, ReduceKind::Prod, 18)),
    ("ReduceSum", |cx| reduce(cx, ReduceKind::Sum, 13)),
    ("ReduceSumSquare", |cx| reduce(cx, ReduceKind::SumSquare, 18)),
];

/// `axes_input` is the version that made the axes an input.
fn reduce(cx: &mut NodeCx<'_>, kind: ReduceKind, axes_input: i64) -> Converted {
    let keepdims = cx.attributes().flag("keepdims", true)?;
    let noop_with_empty_axes = cx.attributes().flag("noop_with_empty_axes", false)?;
    let inputs = ints_as_input(cx, "axes", 1, axes_input)?;
    cx.push_with(Reduce { kind, keepdims, noop_with_empty_axes }, inputs)
}
