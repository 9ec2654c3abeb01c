//! Makes one generated kernel of elementwise operators that feed each other.
//!
//! ```text
//! s = Sigmoid x
//! m = Mul x, s        ─▶   y = Pointwise [Sigmoid i0; Mul i0, s0; Add s1, i1] x, r
//! y = Add m, r
//! ```
//!
//! A producer joins its consumer when nobody else reads its result, when both have one shape (nothing is computed
//! twice), when the operands fit the buffers of one kernel, and when every step runs on the device. Quantisations with one
//! scale and zero point count as elementwise.

use ocelli_shaders::kernels::elementwise::MAX_INPUTS;
use ocelli_tensor::DType;

use super::{only_output, only_reader, types};
use crate::ops::pointwise::{Pointwise, PointwiseStep, StepInput};
use crate::ops::scalar::{Builder, Operand, is_elementwise, literal};
use crate::plan::storage;
use crate::{Graph, Node, Op, TensorType, ValueId};

/// Most steps of a chain: enough for every activation, little enough to compile fast.
const MAX_STEPS: usize = 32;

pub(super) fn run(graph: &mut Graph) -> usize {
    let mut changes = 0;
    let mut i = 0;
    while i < graph.nodes.len() {
        match join_producer(graph, i) {
            // The producer in front is gone, so the merged node is one place earlier; it may take in more.
            Some(producer) => {
                super::remove(graph, &[producer]);
                changes += 1;
                i -= 1;
            }
            None => i += 1,
        }
    }
    changes
}

/// Merges a producer into node `i`; returns the place of the producer.
fn join_producer(graph: &mut Graph, i: usize) -> Option<usize> {
    let node = &graph.nodes[i];
    if !joins(graph, node) {
        return None;
    }
    let out = graph.ty(only_output(node)?)?;
    let (producers, consumers) = (graph.producers(), graph.consumers());
    for id in node.inputs.iter().flatten() {
        let Some(p) = producers[id.0 as usize].map(|p| p.0 as usize) else { continue };
        let producer = &graph.nodes[p];
        let fits = joins(graph, producer)
            && only_output(producer) == Some(*id)
            && only_reader(graph, &consumers, *id) == Some(i)
            && graph.ty(*id).is_some_and(|t| t.shape == out.shape);
        if !fits {
            continue;
        }
        let (chain, inputs) = merged(producer, node, *id)?;
        if buffers(graph, &inputs) <= MAX_INPUTS && on_device(graph, &chain, &inputs) {
            let node = &mut graph.nodes[i];
            node.op = Op::Pointwise(chain);
            node.inputs = inputs.into_iter().map(Some).collect();
            return Some(p);
        }
    }
    None
}

/// Whether the node is a step of chains: elementwise, or a quantisation with one constant scale and zero point.
fn joins(graph: &Graph, node: &Node) -> bool {
    let parameters =
        || node.inputs.iter().skip(1).flatten().all(|&id| graph.constant(id).is_some_and(|t| t.len() == 1));
    is_elementwise(&node.op) || (matches!(node.op, Op::QuantizeLinear(_) | Op::DequantizeLinear(_)) && parameters())
}

/// The chain of an elementwise node behind the node that makes `value`: `value` is its input 0. With the inputs in order.
pub(super) fn behind(node: &Node, value: ValueId) -> (Pointwise, Vec<ValueId>) {
    let (chain, inputs) = as_chain(node);
    let mut ordered: Vec<ValueId> = vec![value];
    ordered.extend(inputs.iter().copied().filter(|&id| id != value));
    let at: Vec<usize> = inputs.iter().map(|id| ordered.iter().position(|x| x == id).unwrap_or(0)).collect();
    let chain = renumbered(&chain, |input| match input {
        StepInput::Input(i) => StepInput::Input(at.get(i).copied().unwrap_or(i)),
        step @ StepInput::Step(_) => step,
    });
    (chain, ordered)
}

/// The node as a chain over its distinct operands.
pub(super) fn as_chain(node: &Node) -> (Pointwise, Vec<ValueId>) {
    let chain = match &node.op {
        Op::Pointwise(chain) => chain.clone(),
        op => Pointwise::single(op.clone(), node.inputs.iter().map(Option::is_some)),
    };
    let given: Vec<ValueId> = node.inputs.iter().copied().flatten().collect();
    let mut distinct = Vec::new();
    let at: Vec<usize> = given.iter().map(|&id| place(&mut distinct, id)).collect();
    (
        renumbered(&chain, |input| match input {
            StepInput::Input(i) => StepInput::Input(at.get(i).copied().unwrap_or(i)),
            step @ StepInput::Step(_) => step,
        }),
        distinct,
    )
}

fn place(all: &mut Vec<ValueId>, id: ValueId) -> usize {
    all.iter().position(|&x| x == id).unwrap_or_else(|| {
        all.push(id);
        all.len() - 1
    })
}

pub(super) fn renumbered(chain: &Pointwise, f: impl Fn(StepInput) -> StepInput) -> Pointwise {
    let steps = chain
        .steps
        .iter()
        .map(|s| PointwiseStep { op: s.op.clone(), inputs: s.inputs.iter().map(|i| i.map(&f)).collect() })
        .collect();
    Pointwise { steps }
}

/// The steps of `producer`, whose result is `value`, followed by those of `consumer`.
fn merged(producer: &Node, consumer: &Node, value: ValueId) -> Option<(Pointwise, Vec<ValueId>)> {
    let (first, mut inputs) = as_chain(producer);
    let (second, theirs) = as_chain(consumer);
    let offset = first.steps.len();
    let at: Vec<Option<usize>> = theirs.iter().map(|&id| (id != value).then(|| place(&mut inputs, id))).collect();
    let second = renumbered(&second, |input| match input {
        StepInput::Input(i) => match at.get(i).copied().flatten() {
            Some(i) => StepInput::Input(i),
            None => StepInput::Step(offset - 1),
        },
        StepInput::Step(i) => StepInput::Step(offset + i),
    });
    let mut steps = first.steps;
    steps.extend(second.steps);
    (steps.len() <= MAX_STEPS).then_some((Pointwise { steps }, inputs))
}

/// Number of operands that need a buffer; scalar constants become literals.
pub(super) fn buffers(graph: &Graph, inputs: &[ValueId]) -> usize {
    inputs.iter().filter(|&&id| graph.constant(id).and_then(literal).is_none()).count()
}

/// Whether the chain has a kernel: no 64-bit operand, and every step can be written.
pub(super) fn on_device(graph: &Graph, chain: &Pointwise, inputs: &[ValueId]) -> bool {
    let optional: Vec<Option<ValueId>> = inputs.iter().copied().map(Some).collect();
    let operand_types = types(graph, &optional);
    let Ok(step_types) = chain.types(&operand_types) else { return false };
    let narrow = |t: &TensorType| t.dtype != DType::I64 && storage(t.dtype).is_some();
    if !step_types.iter().chain(operand_types.iter().flatten()).all(narrow) {
        return false;
    }
    let mut b = Builder::default();
    let operands: Vec<Option<Operand>> = inputs
        .iter()
        .zip(&operand_types)
        .map(|(&id, ty)| {
            let dtype = ty.as_ref()?.dtype;
            Some(match graph.constant(id).and_then(literal) {
                Some(arg) => Operand { arg, dtype },
                None => b.input(storage(dtype)?, dtype),
            })
        })
        .collect();
    chain.emit(&operands, &step_types, &mut b).is_ok()
}
