//! Replaces an If whose condition is constant by the nodes of the branch that it takes.
//!
//! ```text
//! y = If(true) { t = f x; return t }   ─▶   t = f x; y = Identity t
//! ```

use std::collections::BTreeMap;

use crate::ops::body::{Operand, bind_body, truth};
use crate::ops::unary::{Unary, UnaryKind};
use crate::{Graph, Node, Op, ValueId};

pub(super) fn run(graph: &mut Graph) -> usize {
    let mut changes = 0;
    let mut i = 0;
    while i < graph.nodes.len() {
        match branch(graph, i) {
            Some((body, operands)) => {
                let count = splice(graph, i, &body, &operands);
                changes += 1;
                i += count;
            }
            None => i += 1,
        }
    }
    changes
}

/// The body that node `i` takes, bound, and the operands that feed its inputs.
fn branch(graph: &Graph, i: usize) -> Option<(Graph, Vec<ValueId>)> {
    let node = &graph.nodes[i];
    let Op::If(op) = &node.op else { return None };
    let condition = truth(graph.constant(node.inputs.first().copied().flatten()?)?).ok()?;
    let (body, first) = op.branch(condition);
    let operands: Vec<ValueId> =
        node.inputs.get(first..first + body.inputs.len())?.iter().copied().collect::<Option<_>>()?;
    let known: Option<Vec<Operand<'_>>> =
        operands.iter().map(|&id| Some(Operand { ty: graph.ty(id)?.clone(), constant: graph.constant(id) })).collect();
    Some((bind_body(body, &known?).ok()??, operands))
}

/// Puts the nodes of `body` in the place of node `i`; returns how many there are.
fn splice(graph: &mut Graph, i: usize, body: &Graph, operands: &[ValueId]) -> usize {
    let mut map: BTreeMap<ValueId, ValueId> =
        body.inputs.iter().map(|input| input.value).zip(operands.iter().copied()).collect();
    let node = graph.nodes.remove(i);
    let mut inside = |graph: &mut Graph, id: ValueId| {
        *map.entry(id).or_insert_with(|| {
            graph.values.push(body.value(id).clone());
            ValueId(graph.values.len() as u32 - 1)
        })
    };
    let mut nodes = Vec::new();
    for inner in &body.nodes {
        let mut moved = inner.clone();
        moved.name = format!("{}/{}", node.name, inner.name);
        for id in moved.inputs.iter_mut().chain(&mut moved.outputs).flatten() {
            *id = inside(graph, *id);
        }
        nodes.push(moved);
    }
    for (to, from) in node.outputs.iter().zip(&body.outputs) {
        let Some(to) = to else { continue };
        let from = inside(graph, *from);
        let op = Unary { kind: UnaryKind::Identity }.into();
        nodes.push(Node { name: node.name.clone(), op, inputs: vec![Some(from)], outputs: vec![Some(*to)] });
    }
    let count = nodes.len();
    graph.nodes.splice(i..i, nodes);
    count
}
