//! Finds the pixel shuffles that exporters write as three operators.
//!
//! ```text
//! p = Reshape x, [N, C, b, b, H, W]
//! q = Transpose[0 1 4 2 5 3] p                   ─▶   y = DepthToSpace[b] x
//! y = Reshape q, [N, C, H * b, W * b]
//! ```
//!
//! The order of channels of DepthToSpace follows from the permutation. Nobody else reads what is in between.

use super::{only_output, only_reader};
use crate::ops::depth_to_space::{DepthSpaceKind, DepthToSpace};
use crate::plan::{BufferId, View, storage};
use crate::{Graph, Op, ValueId};

pub(super) fn run(graph: &mut Graph) -> usize {
    let mut changes = 0;
    for i in 0..graph.nodes.len() {
        if let Some((op, source)) = found(graph, i) {
            let node = &mut graph.nodes[i];
            node.op = op.into();
            node.inputs = vec![Some(source)];
            changes += 1;
        }
    }
    changes
}

/// The shuffle whose last operator is node `i`, and what it shuffles.
fn found(graph: &Graph, i: usize) -> Option<(DepthToSpace, ValueId)> {
    let node = &graph.nodes[i];
    if !matches!(node.op, Op::Reshape(_)) || graph.ty(only_output(node)?)?.rank() != 4 {
        return None;
    }
    let (producers, consumers) = (graph.producers(), graph.consumers());
    // The node that makes input 0 of node `reader`, if only that one reads it.
    let before = |reader: usize| {
        let value = graph.nodes[reader].inputs.first().copied().flatten()?;
        let producer = producers[value.0 as usize]?.0 as usize;
        (only_reader(graph, &consumers, value) == Some(reader)).then_some(producer)
    };
    let middle = before(i)?;
    let Op::Transpose(transpose) = &graph.nodes[middle].op else { return None };
    let first = before(middle)?;
    if !matches!(graph.nodes[first].op, Op::Reshape(_)) {
        return None;
    }
    let source = graph.nodes[first].inputs.first().copied().flatten()?;
    let (x, parts) = (graph.ty(source)?, graph.ty(only_output(&graph.nodes[first])?)?);
    let &[n, c, h, w] = &graph.ty(only_output(node)?)?.shape[..] else { return None };
    let &[_, channels, in_h, in_w] = &x.shape[..] else { return None };
    let b = h.checked_div(in_h).filter(|&b| b > 1 && w == in_w * b && channels == c * b * b)?;
    let dense = View::dense(BufferId(0), storage(x.dtype)?, &x.shape);
    let moved = steps(&dense.reshape(&parts.shape)?.transpose(&transpose.resolved(parts.rank()).ok()?));
    let plane = (in_h * in_w) as isize;
    // Channel strides of the output channel, and of a row and a column of the block.
    let order = |c_step: usize, y_step: usize, x_step: usize| {
        let [c_step, y_step, x_step] = [c_step, y_step, x_step].map(|s| s as isize * plane);
        let strides = vec![channels as isize * plane, c_step, in_w as isize, y_step, 1, x_step];
        steps(&View { shape: vec![n, c, in_h, b, in_w, b], strides, ..dense.clone() })
    };
    let kind = match moved {
        m if m == order(b * b, b, 1) => DepthSpaceKind::Crd,
        m if m == order(1, b * c, c) => DepthSpaceKind::Dcr,
        _ => return None,
    };
    Some((DepthToSpace { kind, blocksize: b }, source))
}

/// Sizes and strides of the dimensions of more than one element.
fn steps(view: &View) -> Vec<(usize, isize)> {
    view.shape.iter().copied().zip(view.strides.iter().copied()).filter(|d| d.0 != 1).collect()
}
