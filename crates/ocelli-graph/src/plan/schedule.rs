use std::collections::BTreeSet;

use ocelli_shaders::Store;
use ocelli_tensor::DType;

use super::lower_cx::Builder;
use super::stores::Stores;
use super::{BufferKind, LowerCx, Recording, Target, destinations, memory, storage};
use crate::interpreter::NodeError;
use crate::{Graph, Node, NodeId, OpError, Operator, TensorType, ValueId};

/// Where a node runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Placement {
    /// Kernels on the device.
    Device,
    /// The host reference, for this reason.
    Host(String),
}

/// A part of the plan.
#[derive(Clone, Debug)]
pub enum Step {
    /// Kernel calls on the device.
    Device(Recording),
    /// Nodes on the host, in order.
    Host(Vec<NodeId>),
}

/// A bound graph, placed, ordered and lowered.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The bound graph.
    pub graph: Graph,
    /// Where each node runs, indexed by [`NodeId`].
    pub placements: Vec<Placement>,
    /// What to do, in order.
    pub steps: Vec<Step>,
}

impl Plan {
    /// Plans a bound graph for `target`. `keep` are values that must be delivered beside the graph's outputs.
    pub fn new(graph: Graph, keep: &[ValueId], target: &Target) -> Result<Plan, NodeError> {
        let placements = place(&graph, target)?;
        let stages = stages(&graph, &placements);
        let wanted: BTreeSet<ValueId> = graph.outputs.iter().chain(keep).copied().collect();
        let last = stages.iter().copied().max().map_or(0, |s| s + 1);
        let mut steps = Vec::new();
        for stage in 0..last {
            let nodes: Vec<NodeId> =
                (0..graph.nodes.len()).filter(|&i| stages[i] == stage).map(|i| NodeId(i as u32)).collect();
            if nodes.is_empty() {
                continue;
            }
            if stage % 2 == 1 {
                steps.push(Step::Host(nodes));
            } else {
                steps.push(Step::Device(record(&graph, &nodes, &wanted, target)?));
            }
        }
        Ok(Plan { graph, placements, steps })
    }

    /// The recordings of the device steps.
    pub fn recordings(&self) -> impl Iterator<Item = &Recording> {
        self.steps.iter().filter_map(|s| match s {
            Step::Device(r) => Some(r),
            Step::Host(_) => None,
        })
    }

    /// Floating-point operations on the device.
    pub fn flops(&self) -> u64 {
        self.recordings().map(Recording::flops).sum()
    }

    /// Peak bytes of device memory.
    pub fn memory_bytes(&self) -> u64 {
        self.recordings().map(Recording::memory_bytes).max().unwrap_or(0)
    }
}

fn types(graph: &Graph, node: &Node) -> Vec<Option<TensorType>> {
    node.inputs.iter().map(|id| id.and_then(|id| graph.ty(id).cloned())).collect()
}

/// Tries each node by itself. 64-bit integers live on the device only where a device node made them.
fn place(graph: &Graph, target: &Target) -> Result<Vec<Placement>, NodeError> {
    let mut indices: BTreeSet<ValueId> = BTreeSet::new();
    let mut placements = Vec::with_capacity(graph.nodes.len());
    for node in &graph.nodes {
        let unfit = node.inputs.iter().chain(&node.outputs).flatten().find_map(|id| {
            let dtype = graph.ty(*id)?.dtype;
            let is_input = node.inputs.contains(&Some(*id));
            let wide = dtype == DType::I64 && is_input && graph.constant(*id).is_none() && !indices.contains(id);
            (wide || (storage(dtype).is_none() && graph.constant(*id).is_none())).then_some(dtype)
        });
        if let Some(dtype) = unfit {
            placements.push(Placement::Host(format!("{dtype} has no device type")));
            continue;
        }
        let mut builder = Builder::default();
        match node.op.lower(&mut LowerCx { graph, node, target, builder: &mut builder }) {
            Ok(()) => {
                indices.extend(node.outputs.iter().flatten());
                placements.push(Placement::Device);
            }
            Err(OpError::HostOnly(reason)) => placements.push(Placement::Host(reason)),
            Err(e) => return Err(NodeError::new(node, &types(graph, node), e)),
        }
    }
    Ok(placements)
}

/// A stage per node: even ones on the device, odd ones on the host, no operand from a later stage.
fn stages(graph: &Graph, placements: &[Placement]) -> Vec<usize> {
    let producers = graph.producers();
    let mut stages: Vec<usize> = Vec::with_capacity(graph.nodes.len());
    for (node, placement) in graph.nodes.iter().zip(placements) {
        let parity = usize::from(*placement != Placement::Device);
        let after =
            node.inputs.iter().flatten().filter_map(|id| producers[id.0 as usize]).map(|p| stages[p.0 as usize]).max();
        let least = after.unwrap_or(0);
        stages.push(least + (least + parity) % 2);
    }
    stages
}

/// Lowers the nodes of one stage. Values that other stages or the caller want become outputs.
fn record(
    graph: &Graph,
    nodes: &[NodeId],
    wanted: &BTreeSet<ValueId>,
    target: &Target,
) -> Result<Recording, NodeError> {
    let inside: BTreeSet<NodeId> = nodes.iter().copied().collect();
    let consumers = graph.consumers();
    let read_elsewhere = |value: ValueId| consumers[value.0 as usize].iter().any(|c| !inside.contains(c));
    let leaves = |value: ValueId| wanted.contains(&value) || read_elsewhere(value);
    let mut builder = Builder::new(Stores::new(graph, nodes, target, leaves));
    destinations::assign(graph, nodes, leaves, &mut builder);
    for id in nodes {
        let node = &graph.nodes[id.0 as usize];
        let mut cx = LowerCx { graph, node, target, builder: &mut builder };
        node.op.lower(&mut cx).map_err(|e| NodeError::new(node, &types(graph, node), e))?;
    }
    for id in nodes {
        let node = &graph.nodes[id.0 as usize];
        for value in node.outputs.iter().flatten().copied() {
            if leaves(value) {
                let form = Stores::delivered(graph, target, value).filter(|_| !read_elsewhere(value));
                let mut cx = LowerCx { graph, node, target, builder: &mut builder };
                deliver(&mut cx, value, form).map_err(|e| NodeError::new(node, &types(graph, node), e))?;
            }
        }
    }
    let mut recording = builder.recording;
    memory::assign_slots(&mut recording);
    recording.verify().map_err(|message| NodeError {
        node: graph.name.clone(),
        op: "Plan",
        shapes: String::new(),
        source: OpError::Invalid(message),
    })?;
    Ok(recording)
}

/// Makes `value` an output buffer in the given form, else of 32 bits: its own when it fills one, else a copy.
fn deliver(cx: &mut LowerCx<'_>, value: ValueId, form: Option<Store>) -> Result<(), OpError> {
    let view = cx.words(value)?;
    let buffer = &mut cx.builder.recording.buffers[view.buffer.0 as usize];
    let fits = form.map_or(buffer.store.is_plain(), |form| form == buffer.store);
    let whole = fits && view.offset == 0 && view.is_dense() && view.elems() == buffer.elems;
    if whole && matches!(buffer.kind, BufferKind::Scratch(_)) {
        buffer.kind = BufferKind::Output;
        cx.builder.recording.outputs.push((value, view.buffer));
        return Ok(());
    }
    let to = cx.builder.stored(BufferKind::Output, view.elem, form.unwrap_or(cx.builder.stores.of(value)), &view.shape);
    cx.copy(&view, &to)?;
    cx.builder.recording.outputs.push((value, to.buffer));
    Ok(())
}
