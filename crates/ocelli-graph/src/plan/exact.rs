use std::collections::BTreeSet;

use ocelli_tensor::DType;

use crate::ops::binary::BinaryKind;
use crate::ops::unary::UnaryKind;
use crate::{Graph, Node, Op, ValueId};

/// Values that must keep 32 bits in any precision: positions (where to sample, which region) and what is compared or
/// rounded to integers, and all that they are computed from up to the next convolution. In 16 bits a position beyond 2048
/// has no fraction left, and a decision flips.
pub(super) fn exact_values(graph: &Graph) -> BTreeSet<ValueId> {
    let mut exact = BTreeSet::new();
    for node in graph.nodes.iter().rev() {
        let decides = decides(&node.op);
        let feeds = !is_convolution(&node.op) && node.outputs.iter().flatten().any(|v| exact.contains(v));
        let positions = position_input(&node.op);
        for (i, value) in node.inputs.iter().enumerate() {
            if decides || feeds || positions == Some(i) {
                exact.extend(value);
            }
        }
    }
    exact.retain(|v| !graph.nodes.iter().any(|n: &Node| is_convolution(&n.op) && n.outputs.contains(&Some(*v))));
    exact
}

/// The input that holds positions in the picture.
fn position_input(op: &Op) -> Option<usize> {
    match op {
        Op::GridSample(_) | Op::RoiAlign(_) | Op::MaxRoiPool(_) => Some(1),
        Op::AffineGrid(_) => Some(0),
        _ => None,
    }
}

/// Whether a small change of an operand can change the result by much.
fn decides(op: &Op) -> bool {
    use BinaryKind::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual, Mod};
    match op {
        Op::Binary(b) => matches!(b.kind, Equal | Greater | GreaterOrEqual | Less | LessOrEqual | Mod { .. }),
        Op::Unary(u) => matches!(u.kind, UnaryKind::Floor | UnaryKind::Ceil | UnaryKind::Round | UnaryKind::Sign),
        Op::Cast(c) => c.to.is_some_and(|to| to.is_integer() || to == DType::Bool),
        Op::Pointwise(p) => p.steps.iter().any(|s| decides(&s.op)),
        _ => false,
    }
}

fn is_convolution(op: &Op) -> bool {
    matches!(op, Op::Conv(_) | Op::ConvTranspose(_) | Op::DeformConv(_) | Op::Fused(_))
}
