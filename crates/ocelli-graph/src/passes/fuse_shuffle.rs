//! Makes the pixel shuffle behind a convolution, and the elementwise chain behind that, part of its kernel.
//!
//! ```text
//! c = Conv x, w, b
//! d = DepthToSpace[b] c                          ─▶   d = Conv[DepthToSpace] x, w, b
//!
//! d = Conv[DepthToSpace] x, w, b
//! e = Resize[nearest, by the block size] x       ─▶   y = Conv[DepthToSpace, Add] x, w, b, x
//! y = Add d, e
//! ```
//!
//! The convolution has two spatial dimensions and nobody else reads its result. The chain keeps the shuffled shape and dtype;
//! an operand that a Resize enlarged by the block size, each pixel repeated, is read before it is enlarged.

use super::fuse_conv_epilogue::{MAX_EXTRA, storable};
use super::fuse_elementwise::{behind, buffers, on_device};
use super::{only_output, only_reader};
use crate::ops::depth_to_space::DepthSpaceKind;
use crate::ops::fused::{Fused, MAIN_INPUTS, Shuffle};
use crate::ops::pointwise::Pointwise;
use crate::ops::resize::enlarges;
use crate::ops::scalar::is_elementwise;
use crate::{Graph, Node, Op, ValueId};

pub(super) fn run(graph: &mut Graph) -> usize {
    let mut changes = 0;
    let mut i = 0;
    while i < graph.nodes.len() {
        match shuffled(graph, i).or_else(|| continued(graph, i)) {
            Some((reader, node)) => {
                graph.nodes[reader] = node;
                super::remove(graph, &[i]);
                changes += 1;
            }
            None => i += 1,
        }
    }
    changes
}

/// The only reader of node `i`.
fn reader(graph: &Graph, i: usize) -> Option<(ValueId, usize)> {
    let value = only_output(&graph.nodes[i])?;
    Some((value, only_reader(graph, &graph.consumers(), value)?))
}

/// The node that replaces the shuffle behind convolution `i`, and its place.
fn shuffled(graph: &Graph, i: usize) -> Option<(usize, Node)> {
    let node = &graph.nodes[i];
    let (op, chain) = match &node.op {
        Op::Conv(_) if node.inputs.len() <= MAIN_INPUTS => (Box::new(node.op.clone()), Pointwise::default()),
        Op::Fused(f) if f.shuffle.is_none() && matches!(*f.op, Op::Conv(_)) => (f.op.clone(), f.chain.clone()),
        _ => return None,
    };
    let (value, reader) = reader(graph, i)?;
    let tail = &graph.nodes[reader];
    let Op::DepthToSpace(shuffle) = &tail.op else { return None };
    let ty = graph.ty(value)?;
    if shuffle.kind == DepthSpaceKind::SpaceToDepth || ty.rank() != 4 || !storable(ty.dtype) || ty.elems() == 0 {
        return None;
    }
    let mut inputs = node.inputs.clone();
    inputs.resize(inputs.len().max(MAIN_INPUTS), None);
    let shuffle = Shuffle { op: shuffle.clone(), chain: Pointwise::default(), enlarged: Vec::new() };
    let op = Op::Fused(Fused { op, chain, shuffle: Some(shuffle) });
    Some((reader, Node { name: node.name.clone(), op, inputs, outputs: tail.outputs.clone() }))
}

/// The node that replaces the elementwise chain behind the shuffled convolution `i`, and its place.
fn continued(graph: &Graph, i: usize) -> Option<(usize, Node)> {
    let node = &graph.nodes[i];
    let Op::Fused(fused) = &node.op else { return None };
    let shuffle = fused.shuffle.as_ref().filter(|s| s.chain.steps.is_empty())?;
    let (value, reader) = reader(graph, i)?;
    let tail = &graph.nodes[reader];
    let after = only_output(tail)?;
    if !is_elementwise(&tail.op) || graph.ty(value)? != graph.ty(after)? {
        return None;
    }
    let (chain, ordered) = behind(tail, value);
    let operands: Vec<ValueId> = node.inputs.iter().skip(MAIN_INPUTS).flatten().chain(&ordered[1..]).copied().collect();
    if buffers(graph, &operands) > MAX_EXTRA || !on_device(graph, &chain, &ordered) {
        return None;
    }
    let sources: Vec<Option<ValueId>> =
        ordered[1..].iter().map(|&id| repeated(graph, id, shuffle.op.blocksize)).collect();
    let mut inputs = node.inputs.clone();
    inputs.extend(ordered[1..].iter().zip(&sources).map(|(&id, source)| Some(source.unwrap_or(id))));
    let enlarged = sources.iter().map(Option::is_some).collect();
    let shuffle = Shuffle { op: shuffle.op.clone(), chain, enlarged };
    let op = Op::Fused(Fused { shuffle: Some(shuffle), ..fused.clone() });
    Some((reader, Node { name: node.name.clone(), op, inputs, outputs: tail.outputs.clone() }))
}

/// What a Resize repeats `times` times along height and width to make `id`.
fn repeated(graph: &Graph, id: ValueId, times: usize) -> Option<ValueId> {
    let node = graph.nodes.iter().find(|n| n.outputs.contains(&Some(id)))?;
    let Op::Resize(resize) = &node.op else { return None };
    let source = node.inputs.first().copied().flatten()?;
    let constant = |i: usize| node.inputs.get(i).copied().flatten().and_then(|id| graph.constant(id));
    enlarges(resize, &graph.ty(source)?.shape, constant, times).then_some(source)
}
