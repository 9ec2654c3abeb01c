use std::collections::{BTreeMap, BTreeSet};

use ocelli_graph::plan::{Buffer, BufferKind, Placement, Plan, Target};
use ocelli_graph::{Graph, Operator, TensorType, passes};

use super::slices::work;
use super::{Session, plan_graph};
use crate::RuntimeError;

/// Where one node of the model runs.
#[derive(Clone, Debug)]
pub struct NodeReport {
    /// ONNX name.
    pub node: String,
    /// Operator.
    pub op: &'static str,
    /// `device`, `host`, `folded` (computed when shapes are bound), `fused` (into a neighbour, or a view) or `later`
    /// (behind a shape that depends on data).
    pub placement: &'static str,
    /// Kernels in order, or why it is on the host.
    pub detail: String,
    /// Floating-point operations.
    pub flops: u64,
    /// Bytes read and written at least.
    pub bytes: u64,
}

/// What a run will do, known before anything is allocated.
#[derive(Clone, Debug)]
pub struct Report {
    /// Every node of the model.
    pub nodes: Vec<NodeReport>,
    /// Dispatches.
    pub calls: usize,
    /// Floating-point operations.
    pub flops: u64,
    /// Peak bytes of device memory.
    pub memory_bytes: u64,
    /// Peak bytes of device memory with what is on its way to and from the device: staged weights and inputs before the first
    /// submit, results at the end; none of these where a session's device maps its buffers. Nothing that a run allocates is
    /// left out but a few hundred bytes a call.
    pub peak_bytes: u64,
    /// Work of the largest call, which cannot be divided between submits: see [`Engine::work_in`](crate::Engine::work_in).
    pub largest_call_work: u64,
    /// Bytes of the largest single buffer.
    pub largest_buffer_bytes: u64,
    /// Name and type of each output, as far as known.
    pub outputs: Vec<(String, Option<TensorType>)>,
    /// The recordings as text.
    pub dump: String,
}

impl Session {
    /// Plans for these input types without touching the device.
    pub fn report(&self, types: &[TensorType]) -> Result<Report, RuntimeError> {
        make(self.graph(), types, &self.target(), self.engine().maps_primary_buffers())
    }
}

/// Plans `graph` for these input types on `target` and tells what would run.
pub fn report(graph: &Graph, types: &[TensorType], target: &Target) -> Result<Report, RuntimeError> {
    make(graph, types, target, false)
}

fn make(graph: &Graph, types: &[TensorType], target: &Target, in_place: bool) -> Result<Report, RuntimeError> {
    let (plan, delivers, rest) = plan_graph(graph, types, target, &passes::Options::default(), None)?;
    let later: BTreeSet<&str> = rest.iter().flat_map(|r| &r.graph.nodes).map(|n| n.name.as_str()).collect();
    let placed = placements(&plan);
    let constant = |node: &ocelli_graph::Node| {
        node.outputs.iter().flatten().all(|v| plan.graph.values.get(v.0 as usize).is_some_and(|v| v.constant.is_some()))
    };
    let nodes = graph
        .nodes
        .iter()
        .map(|node| {
            let (placement, detail, flops, bytes) = match placed.get(node.name.as_str()) {
                Some(p) => p.clone(),
                None if later.contains(node.name.as_str()) => ("later", String::new(), 0, 0),
                None if constant(node) => ("folded", String::new(), 0, 0),
                None => ("fused", String::new(), 0, 0),
            };
            NodeReport { node: node.name.clone(), op: node.op.name(), placement, detail, flops, bytes }
        })
        .collect();
    let outputs = match &rest {
        None => delivers
            .iter()
            .zip(&plan.graph.outputs)
            .map(|(v, b)| (graph.value(*v).name.clone(), plan.graph.ty(*b).cloned()))
            .collect(),
        Some(_) => graph.outputs.iter().map(|v| (graph.value(*v).name.clone(), None)).collect(),
    };
    Ok(Report {
        nodes,
        calls: plan.recordings().map(|r| r.calls.len()).sum(),
        flops: plan.flops(),
        memory_bytes: plan.memory_bytes(),
        peak_bytes: peak_bytes(&plan, in_place),
        largest_call_work: plan.recordings().flat_map(|r| &r.calls).map(work).max().unwrap_or(0),
        largest_buffer_bytes: plan.recordings().flat_map(|r| &r.buffers).map(Buffer::bytes).max().unwrap_or(0),
        outputs,
        dump: plan.recordings().map(ToString::to_string).collect(),
    })
}

/// All that is allocated at once: every recording keeps its weights and activations; weights and inputs are staged until
/// the first submit, outputs are read from copies. With `in_place` nothing is staged or copied.
fn peak_bytes(plan: &Plan, in_place: bool) -> u64 {
    let (mut kept, mut staged, mut copied) = (0u64, 0u64, 0u64);
    for r in plan.recordings() {
        let sum = |wanted: fn(&BufferKind) -> bool| {
            r.buffers.iter().filter(|b| wanted(&b.kind)).map(Buffer::bytes).sum::<u64>()
        };
        kept += r.memory_bytes();
        staged += sum(|k| matches!(k, BufferKind::Constant(_) | BufferKind::Input));
        copied = copied.max(sum(|k| matches!(k, BufferKind::Output)));
    }
    if in_place { kept } else { kept + staged.max(copied) }
}

/// By node name: placement, detail, FLOPs and bytes.
fn placements(plan: &Plan) -> BTreeMap<&str, (&'static str, String, u64, u64)> {
    let mut all: BTreeMap<&str, (&'static str, String, u64, u64)> = BTreeMap::new();
    for (node, placement) in plan.graph.nodes.iter().zip(&plan.placements) {
        let entry = match placement {
            Placement::Device => ("device", String::new(), 0, 0),
            Placement::Host(reason) => ("host", reason.clone(), 0, 0),
        };
        all.insert(&node.name, entry);
    }
    let mut kernels: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for call in plan.recordings().flat_map(|r| &r.calls) {
        if let Some((_, _, flops, bytes)) = all.get_mut(call.origin.as_str()) {
            kernels.entry(&call.origin).or_default().push(&call.kernel.name);
            *flops += call.flops;
            *bytes += call.bytes;
        }
    }
    for (node, (placement, detail, _, _)) in &mut all {
        if let Some(names) = kernels.get(node) {
            *detail = counted(names);
        }
        if *placement == "device" && detail.is_empty() {
            "view".clone_into(detail);
        }
    }
    all
}

/// Kernels in the order of their first calls, with the number of calls where there are several.
fn counted(names: &[&str]) -> String {
    let mut found: Vec<(&str, usize)> = Vec::new();
    for name in names {
        match found.iter_mut().find(|(n, _)| n == name) {
            Some((_, count)) => *count += 1,
            None => found.push((name, 1)),
        }
    }
    let show = |(name, count): (&str, usize)| if count == 1 { name.to_owned() } else { format!("{count} x {name}") };
    found.into_iter().map(show).collect::<Vec<_>>().join(" + ")
}

#[cfg(test)]
mod tests {
    #[test]
    fn repeated_kernels_are_counted() {
        assert_eq!(super::counted(&[]), "");
        assert_eq!(super::counted(&["a", "b", "a", "b", "c"]), "2 x a + 2 x b + c");
    }
}
