//! Concat without copies: before anything is lowered, the operands of each Concat are told to be written into its output.
//!
//! Nodes are visited from the last to the first, so that a Concat inside a Concat finds its own place first and hands out
//! parts of that. A destination is a wish: [`LowerCx::output`](super::LowerCx::output) takes it when the kernel can write
//! there, and Concat copies what did not come to lie in place. Reshape and Transpose pass the wish on to their operand.
//! A Concat whose operands all go to one run of a later one's output lies there itself: each operand is copied once.

use std::collections::BTreeSet;

use super::lower_cx::Builder;
use super::{BufferKind, View, storage};
use crate::ops::concat::Concat;
use crate::{Graph, InferCx, Node, NodeId, Op, TensorType, ValueId};

/// Fills the builder's destinations. `leaves` tells which values need a buffer of their own, because another stage or the
/// caller reads them.
pub(super) fn assign(graph: &Graph, nodes: &[NodeId], leaves: impl Fn(ValueId) -> bool, builder: &mut Builder) {
    let made: BTreeSet<ValueId> =
        nodes.iter().flat_map(|id| graph.nodes[id.0 as usize].outputs.iter().flatten().copied()).collect();
    let may_move = |value: ValueId| made.contains(&value) && !leaves(value);
    for id in nodes.iter().rev() {
        let node = &graph.nodes[id.0 as usize];
        let Some(out) = node.outputs.first().copied().flatten() else {
            continue;
        };
        if let Op::Concat(op) = &node.op {
            concat(graph, op, node, out, &may_move, builder);
            continue;
        }
        let (Some(to), Some(from)) = (builder.destinations.get(&out), node.inputs.first().copied().flatten()) else {
            continue;
        };
        let wish = match &node.op {
            Op::Reshape(_) => graph.ty(from).and_then(|ty| to.reshape(&ty.shape)),
            Op::Transpose(op) => op.inverse(to.shape.len()).map(|inverse| to.transpose(&inverse)),
            _ => None,
        };
        if let Some(view) = wish {
            propose(graph, from, view, &may_move, builder);
        }
    }
}

fn concat(
    graph: &Graph,
    op: &Concat,
    node: &Node,
    out: ValueId,
    may_move: &impl Fn(ValueId) -> bool,
    builder: &mut Builder,
) {
    let Some(ty) = graph.ty(out) else { return };
    let (Some(elem), Ok(axis)) = (storage(ty.dtype), InferCx::axis(op.axis, ty.rank())) else {
        return;
    };
    if !node.inputs.iter().flatten().any(|&v| may_move(v)) {
        return;
    }
    let run = || run(graph, node, axis, ty, builder).filter(|_| may_move(out));
    let whole = match builder.destinations.get(&out).cloned().or_else(run) {
        Some(view) => {
            builder.destinations.insert(out, view.clone());
            view
        }
        None => {
            let view = builder.stored(BufferKind::Scratch(0), elem, builder.stores.of(out), &ty.shape);
            builder.destinations.insert(out, view.clone());
            view
        }
    };
    let mut start = 0;
    for &value in node.inputs.iter().flatten() {
        let Some(len) = graph.ty(value).and_then(|ty| ty.shape.get(axis).copied()) else {
            return;
        };
        propose(graph, value, whole.slice(axis, start, len, 1), may_move, builder);
        start += len;
    }
}

/// The part of a later Concat's output that this one's operands go to anyway, when that is one run: a dense block
/// concatenates longer and longer lists, and each is the beginning of the next.
fn run(graph: &Graph, node: &Node, axis: usize, ty: &TensorType, builder: &Builder) -> Option<View> {
    let mut parts = Vec::with_capacity(node.inputs.len());
    for value in node.inputs.iter().flatten() {
        parts.push(
            builder.destinations.get(value).filter(|view| Some(&view.shape) == graph.ty(*value).map(|t| &t.shape))?,
        );
    }
    let whole = View { shape: ty.shape.clone(), ..(*parts.first()?).clone() };
    let mut start = 0;
    for part in &parts {
        let len = part.shape[axis];
        if !part.is_same(&whole.slice(axis, start, len, 1)) || part.strides != whole.strides {
            return None;
        }
        start += len;
    }
    Some(whole)
}

/// Makes `view` the destination of `value`, unless it has one.
fn propose(graph: &Graph, value: ValueId, view: View, may_move: &impl Fn(ValueId) -> bool, builder: &mut Builder) {
    let fits = graph.ty(value).is_some_and(|ty| ty.shape == view.shape && storage(ty.dtype) == Some(view.elem))
        && builder.stores.of(value) == view.store;
    if fits && view.elems() > 0 && may_move(value) {
        builder.destinations.entry(value).or_insert(view);
    }
}
