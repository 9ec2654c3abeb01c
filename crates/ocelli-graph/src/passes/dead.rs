//! Removes nodes whose results nobody reads.

use std::collections::BTreeSet;

use crate::{Graph, ValueId};

pub(super) fn run(graph: &mut Graph) -> usize {
    let mut live: BTreeSet<ValueId> = graph.outputs.iter().copied().collect();
    let before = graph.nodes.len();
    let mut kept = Vec::with_capacity(before);
    for node in std::mem::take(&mut graph.nodes).into_iter().rev() {
        if node.outputs.iter().flatten().any(|v| live.contains(v)) {
            live.extend(node.inputs.iter().flatten());
            kept.push(node);
        }
    }
    kept.reverse();
    graph.nodes = kept;
    before - graph.nodes.len()
}
