//! Removes nodes that hand on their operand.
//!
//! ```text
//! y = Identity x | Dropout x | Cast x to its own dtype | Reshape x to its own shape | Transpose x in order | Sum x
//! z = f y                                        ─▶   z = f x
//! ```
//!
//! A node whose result is an output of the graph stays: outputs keep their names.

use crate::ops::unary::UnaryKind;
use crate::{Graph, Op, ValueId};

pub(super) fn run(graph: &mut Graph) -> usize {
    let mut gone = Vec::new();
    for i in 0..graph.nodes.len() {
        if let Some((from, to)) = hands_on(graph, i) {
            graph.replace_uses(from, to);
            gone.push(i);
        }
    }
    super::remove(graph, &gone);
    gone.len()
}

/// The result of node `i` and the operand that it equals.
fn hands_on(graph: &Graph, i: usize) -> Option<(ValueId, ValueId)> {
    let node = &graph.nodes[i];
    let result = node.outputs.first().copied().flatten()?;
    let operand = node.inputs.first().copied().flatten()?;
    let (before, after) = (graph.ty(operand)?, graph.ty(result)?);
    let same = match &node.op {
        Op::Unary(op) => op.kind == UnaryKind::Identity,
        Op::Dropout(_) => true,
        Op::Cast(_) | Op::Reshape(_) | Op::Expand(_) => true,
        Op::Transpose(op) => op.perm.as_ref().is_some_and(|p| p.iter().enumerate().all(|(i, &p)| p == i as i64)),
        Op::Variadic(_) => node.inputs.len() == 1,
        _ => false,
    };
    // A mask that somebody may read keeps a Dropout.
    let others = node
        .outputs
        .iter()
        .skip(1)
        .flatten()
        .any(|id| graph.outputs.contains(id) || graph.nodes.iter().any(|n| n.inputs.contains(&Some(*id))));
    (same && before == after && !others && !graph.outputs.contains(&result)).then_some((result, operand))
}
