//! Binding: input shapes in, every type known, everything that can be computed from constants folded.

use ocelli_tensor::{Dim, Tensor};

use crate::interpreter::{NodeError, run_node};
use crate::{Graph, InferCx, Node, Op, OpError, Operator, TensorType, ValueId};

/// Why a graph cannot be bound.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BindError {
    /// A node rejects its inputs.
    #[error(transparent)]
    Node(#[from] NodeError),
    /// The number of given types differs from the number of inputs.
    #[error("expected {expected} inputs, got {got}")]
    InputCount {
        /// Inputs of the graph.
        expected: usize,
        /// Types that were given.
        got: usize,
    },
    /// An input's type contradicts the model.
    #[error("input `{name}`: expected {expected}, got {got}")]
    Input {
        /// Name of the input.
        name: String,
        /// What the model declares.
        expected: String,
        /// What was given.
        got: String,
    },
}

/// A bound graph.
#[derive(Debug, Clone)]
pub struct Bound {
    /// The nodes that are left, with every type known.
    pub graph: Graph,
    /// Nodes that cannot be bound before the value that they wait for is computed, in order, and everything behind them.
    pub rest: Vec<Node>,
    /// The value that the first node of `rest` waits for.
    pub waits_for: Option<ValueId>,
}

/// Most elements that folding may produce in one value; larger ones are computed at run time.
const MAX_FOLDED_ELEMS: usize = 1 << 26;

/// Binds `graph` to the types of its inputs.
pub fn bind(graph: &Graph, inputs: &[TensorType]) -> Result<Bound, BindError> {
    check_inputs(graph, inputs)?;
    let mut bound = graph.clone();
    for (input, ty) in graph.inputs.iter().zip(inputs) {
        bound.values[input.value.0 as usize].ty = Some(ty.clone());
    }
    let nodes = std::mem::take(&mut bound.nodes);
    let mut rest = Vec::new();
    let mut waits_for = None;
    for node in nodes {
        if waits_for.is_some() {
            rest.push(node);
            continue;
        }
        let types: Vec<Option<TensorType>> =
            node.inputs.iter().map(|id| id.and_then(|id| bound.ty(id).cloned())).collect();
        let constants: Vec<Option<&Tensor>> =
            node.inputs.iter().map(|id| id.and_then(|id| bound.constant(id))).collect();
        let cx = InferCx { inputs: &types, constants: &constants, outputs: node.outputs.len() };
        let all_constant = node.inputs.iter().zip(&constants).all(|(id, c)| id.is_none() || c.is_some());
        let inferred = match node.op.infer(&cx) {
            Ok(types) => Some(types),
            Err(OpError::NeedsValue(_)) if all_constant => None,
            Err(OpError::NeedsValue(i)) => {
                waits_for = node.inputs.get(i).copied().flatten();
                rest.push(node);
                continue;
            }
            Err(e) => return Err(NodeError::new(&node, &types, e).into()),
        };
        let small = inferred.iter().flatten().all(|t| t.elems() <= MAX_FOLDED_ELEMS);
        if all_constant && small && !node.op.is_random() {
            let operands: Vec<Option<Tensor>> = constants.iter().map(|c| c.cloned()).collect();
            let results = run_node(&node, &operands)?;
            for (id, result) in node.outputs.iter().zip(results) {
                if let Some(id) = id {
                    bound.set_constant(*id, result);
                }
            }
            if matches!(node.op, Op::DequantizeLinear(_)) {
                bound.dequantized.push(node);
            }
            continue;
        }
        for (id, ty) in node.outputs.iter().zip(inferred.into_iter().flatten()) {
            if let Some(id) = id {
                bound.values[id.0 as usize].ty = Some(ty);
            }
        }
        if let Some(constant) = node.op.fold_known_shape(&types) {
            if let Some(id) = node.outputs.first().copied().flatten() {
                bound.set_constant(id, constant);
            }
            continue;
        }
        bound.nodes.push(node);
    }
    Ok(Bound { graph: bound, rest, waits_for })
}

fn check_inputs(graph: &Graph, inputs: &[TensorType]) -> Result<(), BindError> {
    if graph.inputs.len() != inputs.len() {
        return Err(BindError::InputCount { expected: graph.inputs.len(), got: inputs.len() });
    }
    for (input, ty) in graph.inputs.iter().zip(inputs) {
        let mut fits = input.dtype == ty.dtype;
        if let Some(dims) = &input.dims {
            fits &= dims.len() == ty.rank();
            for (dim, &size) in dims.iter().zip(&ty.shape) {
                fits &= match dim {
                    Dim::Fixed(n) => *n == size,
                    // Exporters reuse one symbol for unrelated sizes; inference finds real conflicts.
                    Dim::Symbol(_) | Dim::Unknown => true,
                };
            }
        }
        if !fits {
            let dims = input.dims.as_ref().map_or("of any shape".to_owned(), |dims| {
                dims.iter().map(ToString::to_string).collect::<Vec<_>>().join("x")
            });
            return Err(BindError::Input {
                name: graph.value(input.value).name.clone(),
                expected: format!("{} {dims}", input.dtype),
                got: ty.to_string(),
            });
        }
    }
    Ok(())
}
