//! Concat without copies: before anything is lowered, the operands of each Concat are told to be written into its output.
//!
//! Nodes are visited from the last to the first, so that a Concat inside a Concat finds its own place first and hands out
//! parts of that. A destination is a wish: [`LowerCx::output`](super::LowerCx::output) takes it when the kernel can write
//! there, and Concat copies what did not come to lie in place. Reshape and Transpose pass the wish on to their operand.
//! A Concat whose operands all go to one run of a later one's output lies there itself: each operand is copied once.
//!
//! A convolution can store its channels in parts that a Reshape tells apart, as in a detector's head or a channel shuffle:
//! its destination is then a view with more dimensions than its result, which that Reshape alone reads.

use std::collections::BTreeSet;

use ocelli_shaders::Elem;

use super::lower_cx::Builder;
use super::{BufferId, BufferKind, View, storage};
use crate::ops::concat::Concat;
use crate::{Graph, InferCx, Node, NodeId, Op, TensorType, ValueId};

/// Fills the builder's destinations. `leaves` tells which values need a buffer of their own, because another stage or the
/// caller reads them.
pub(super) fn assign(graph: &Graph, nodes: &[NodeId], leaves: impl Fn(ValueId) -> bool, builder: &mut Builder) {
    let made: BTreeSet<ValueId> =
        nodes.iter().flat_map(|id| graph.nodes[id.0 as usize].outputs.iter().flatten().copied()).collect();
    let may_move = |value: ValueId| made.contains(&value) && !leaves(value);
    let (producers, consumers) = (graph.producers(), graph.consumers());
    let producer = |value: ValueId| producers[value.0 as usize].map(|p| &graph.nodes[p.0 as usize]);
    let stores_parts = |value: ValueId| {
        let planes = graph.ty(value).is_some_and(|ty| ty.rank() == 4);
        planes
            && consumers[value.0 as usize].len() == 1
            && may_move(value)
            && producer(value).is_some_and(is_plain_conv)
    };
    for id in nodes.iter().rev() {
        let node = &graph.nodes[id.0 as usize];
        let Some(out) = node.outputs.first().copied().flatten() else {
            continue;
        };
        if !builder.destinations.contains_key(&out)
            && made.contains(&out)
            && reorders_parts(graph, node, producer, stores_parts)
        {
            let store = builder.stores.of(out);
            if let Some((ty, elem)) = graph.ty(out).and_then(|ty| Some((ty, storage(ty.dtype)?))) {
                let view = builder.stored(BufferKind::Scratch(0), elem, store, &ty.shape);
                builder.destinations.insert(out, view);
            }
        }
        if let Op::Concat(op) = &node.op {
            concat(graph, op, node, out, &may_move, builder);
            continue;
        }
        let (Some(to), Some(from)) = (builder.destinations.get(&out).cloned(), node.inputs.first().copied().flatten())
        else {
            continue;
        };
        let wish = match &node.op {
            Op::Reshape(_) => match graph.ty(from) {
                Some(ty) => {
                    let same = to.reshape(&ty.shape);
                    if same.is_none() && stores_parts(from) && has_parts(&to, &ty.shape) {
                        builder.destinations.insert(from, to);
                    }
                    same
                }
                None => None,
            },
            Op::Transpose(op) => op.inverse(to.shape.len()).map(|inverse| to.transpose(&inverse)),
            _ => None,
        };
        if let Some(view) = wish {
            propose(graph, from, view, &may_move, builder);
        }
    }
}

/// Whether the node is a convolution of planes that stores at its own places.
fn is_plain_conv(node: &Node) -> bool {
    match &node.op {
        Op::Conv(_) => true,
        Op::Fused(f) => f.shuffle.is_none() && matches!(*f.op, Op::Conv(_)),
        _ => false,
    }
}

/// Whether the node is the second Reshape of `Reshape, Transpose, Reshape` behind a convolution, none of which anybody else
/// reads. Unless the convolution stores its channels in parts, that costs a copy.
fn reorders_parts<'a>(
    graph: &Graph,
    node: &Node,
    producer: impl Fn(ValueId) -> Option<&'a Node>,
    stores_parts: impl Fn(ValueId) -> bool,
) -> bool {
    let operand = |node: &Node| node.inputs.first().copied().flatten();
    let before = |node: &Node| operand(node).and_then(&producer);
    let Some(transpose) = before(node).filter(|n| matches!(n.op, Op::Transpose(_))) else { return false };
    let Some(reshape) = before(transpose).filter(|n| matches!(n.op, Op::Reshape(_))) else { return false };
    let (Op::Reshape(_), Op::Transpose(op)) = (&node.op, &transpose.op) else { return false };
    let shape =
        |node: &Node| node.outputs.first().copied().flatten().and_then(|id| graph.ty(id)).map(|ty| &ty.shape[..]);
    let (Some(parts), Some(result)) = (shape(reshape), shape(node)) else { return false };
    let moved = op.resolved(parts.len()).ok().map(|perm| View::dense(BufferId(0), Elem::F32, parts).transpose(&perm));
    operand(reshape).is_some_and(stores_parts) && moved.is_some_and(|view| view.reshape(result).is_none())
}

/// Whether `view` has the dimensions of planes of this shape with the channels in two or three parts.
fn has_parts(view: &View, shape: &[usize]) -> bool {
    let &[n, c, h, w] = shape else { return false };
    let rank = view.shape.len();
    (5..=6).contains(&rank)
        && view.is_forward()
        && (view.shape[0], &view.shape[rank - 2..]) == (n, &[h, w][..])
        && view.shape[1..rank - 2].iter().product::<usize>() == c
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
        if pooled(graph, node, value) < 2 {
            propose(graph, value, whole.slice(axis, start, len, 1), may_move, builder);
        }
        start += len;
    }
}

/// Number of other operands of the Concat that are pooled from this one. No kernel can read and write one buffer, so that with
/// several it is cheaper to copy what they read than what they write.
fn pooled(graph: &Graph, node: &Node, value: ValueId) -> usize {
    let reads = |n: &&Node| matches!(n.op, Op::Pool(_)) && n.inputs.contains(&Some(value));
    graph.nodes.iter().filter(reads).filter(|n| n.outputs.iter().any(|o| node.inputs.contains(o))).count()
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
        && view.store.holds(builder.stores.of(value));
    if fits && view.elems() > 0 && may_move(value) {
        builder.destinations.entry(value).or_insert(view);
    }
}
