//! Makes zero padding part of the window behind it.
//!
//! ```text
//! p = Pad[constant 0] x, [0, 0, 1, 2, 0, 0, 3, 4]
//! y = Conv[pads 0 0 0 0] p, w                       ─▶   y = Conv[pads 1 2 3 4] x, w
//! ```
//!
//! Only spatial dimensions are padded, by constants that are not negative. AveragePool takes the pads when it counts
//! them; without pads of its own it is made to.

use crate::ops::pad::PadMode;
use crate::ops::pool::PoolKind;
use crate::ops::window::{AutoPad, Window};
use crate::{Graph, Op, ValueId};

pub(super) fn run(graph: &mut Graph) -> usize {
    let mut changes = 0;
    for i in 0..graph.nodes.len() {
        if let Some((op, source)) = folded(graph, i) {
            graph.nodes[i].op = op;
            graph.nodes[i].inputs[0] = Some(source);
            changes += 1;
        }
    }
    changes
}

/// Node `i` with the pads of its operand, and what is padded.
fn folded(graph: &Graph, i: usize) -> Option<(Op, ValueId)> {
    let node = &graph.nodes[i];
    let padded = node.inputs.first().copied().flatten()?;
    if !matches!(node.op, Op::Conv(_) | Op::Pool(_)) {
        return None;
    }
    let pad = graph.nodes.iter().find(|n| n.outputs.contains(&Some(padded)))?;
    let (source, pads) = pads(graph, pad)?;
    let mut op = node.op.clone();
    match &mut op {
        Op::Conv(conv) => conv.window = with_pads(&conv.window, &pads)?,
        Op::Pool(pool) => {
            let PoolKind::Average { count_include_pad } = &mut pool.kind else { return None };
            let none = pool.window.pads.iter().all(|&p| p == 0);
            if pool.ceil_mode || !(*count_include_pad || none) {
                return None;
            }
            *count_include_pad = true;
            pool.window = with_pads(&pool.window, &pads)?;
        }
        _ => return None,
    }
    Some((op, source))
}

/// What a Pad of zeros pads, and the spatial pads: beginnings, then ends.
fn pads(graph: &Graph, node: &crate::Node) -> Option<(ValueId, Vec<i64>)> {
    let Op::Pad(op) = &node.op else { return None };
    let constant = |i: usize| node.inputs.get(i).copied().flatten().map(|id| graph.constant(id));
    let zero = match constant(2) {
        None => true,
        Some(value) => value?.to_f64s().first() == Some(&0.0),
    };
    if op.mode != PadMode::Constant || !zero {
        return None;
    }
    let source = node.inputs.first().copied().flatten()?;
    let rank = graph.ty(source)?.rank();
    let given = constant(1)??.to_i64s();
    let axes: Vec<usize> = match constant(3) {
        None => (0..rank).collect(),
        Some(axes) => axes?.to_i64s().iter().map(|&a| crate::InferCx::axis(a, rank).ok()).collect::<Option<_>>()?,
    };
    let mut all = vec![0; 2 * rank];
    for (k, &axis) in axes.iter().enumerate() {
        all[axis] = *given.get(k)?;
        all[rank + axis] = *given.get(axes.len() + k)?;
    }
    let spatial_only = rank > 2 && all.iter().all(|&p| p >= 0) && [0, 1, rank, rank + 1].iter().all(|&i| all[i] == 0);
    spatial_only.then(|| (source, [&all[2..rank], &all[rank + 2..]].concat()))
}

fn with_pads(window: &Window, more: &[i64]) -> Option<Window> {
    let own = match window.auto_pad {
        AutoPad::NotSet if !window.pads.is_empty() => window.pads.clone(),
        AutoPad::NotSet | AutoPad::Valid => vec![0; more.len()],
        AutoPad::SameUpper | AutoPad::SameLower => return None,
    };
    let pads = own.iter().zip(more).map(|(a, b)| a.checked_add(*b)).collect::<Option<Vec<i64>>>()?;
    (own.len() == more.len()).then(|| Window { pads, auto_pad: AutoPad::NotSet, ..window.clone() })
}
