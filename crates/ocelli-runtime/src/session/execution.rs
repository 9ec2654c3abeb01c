use std::collections::BTreeMap;
use std::sync::PoisonError;

use ocelli_graph::interpreter::run_node;
use ocelli_graph::plan::Target;
use ocelli_graph::{Graph, TensorType, ValueId};
use ocelli_tensor::Tensor;

use super::{Planned, PlannedStep, Rest, RunOptions, plan, slices};
use crate::executable::Instance;
use crate::ranges::Misfits;
use crate::{Engine, RuntimeError, profile, transfer};

/// One run of a planned graph.
pub(super) struct Execution<'a, 'b> {
    pub engine: &'a Engine,
    pub target: &'a Target,
    pub options: &'a mut RunOptions<'b>,
    /// What it met that halves cannot hold.
    pub misfits: Misfits,
}

impl Execution<'_, '_> {
    /// Runs a planned graph, or what is left of it, on host tensors.
    pub fn run(&mut self, graph: &Graph, planned: &Planned, inputs: &[Tensor]) -> Result<Vec<Tensor>, RuntimeError> {
        let bound = &planned.plan.graph;
        let mut values: BTreeMap<ValueId, Tensor> =
            graph.inputs.iter().map(|i| i.value).zip(inputs.iter().cloned()).collect();
        for step in &planned.steps {
            match step {
                PlannedStep::Host(nodes) => {
                    for id in nodes {
                        let node = &bound.nodes[id.0 as usize];
                        let value = |id: ValueId| values.get(&id).or_else(|| bound.constant(id)).cloned();
                        let operands: Vec<Option<Tensor>> = node.inputs.iter().map(|id| id.and_then(value)).collect();
                        let results = run_node(node, &operands)?;
                        values.extend(node.outputs.iter().zip(results).filter_map(|(id, t)| Some(((*id)?, t))));
                    }
                }
                PlannedStep::Device { prepared, idle } => {
                    let taken = idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
                    let instance = taken.map_or_else(|| prepared.host_instance(), Ok)?;
                    self.device(bound, &instance, &mut values)?;
                    idle.lock().unwrap_or_else(PoisonError::into_inner).push(instance);
                }
            }
        }
        let mut results: BTreeMap<ValueId, Tensor> = BTreeMap::new();
        for (wanted, id) in planned.delivers.iter().zip(&bound.outputs) {
            let tensor = values.get(id).or_else(|| bound.constant(*id)).cloned();
            let tensor = tensor
                .ok_or_else(|| RuntimeError::Input(format!("output `{}` was not computed", bound.value(*id).name)))?;
            results.insert(*wanted, tensor);
        }
        let Some(rest) = &planned.rest else {
            return Ok(planned.delivers.iter().filter_map(|v| results.get(v).cloned()).collect());
        };
        self.rest(rest, &results)
    }

    /// Runs what is left now that the value that its shapes depend on is there.
    fn rest(&mut self, rest: &Rest, known: &BTreeMap<ValueId, Tensor>) -> Result<Vec<Tensor>, RuntimeError> {
        let mut graph = rest.graph.clone();
        if let Some(tensor) = known.get(&rest.waits_for) {
            graph.set_constant(rest.waits_for, tensor.clone());
            graph.inputs.retain(|i| i.value != rest.waits_for);
        }
        graph.outputs = rest.outputs.clone();
        let inputs: Vec<Tensor> = graph.inputs.iter().filter_map(|i| known.get(&i.value).cloned()).collect();
        let types: Vec<TensorType> = inputs.iter().map(|t| TensorType::new(t.dtype(), t.shape())).collect();
        let planned = plan(self.engine, &graph, &types, self.target)?;
        self.run(&graph, &planned, &inputs)
    }

    /// Uploads, runs in slices, and reads back one recording.
    fn device(
        &mut self,
        graph: &Graph,
        instance: &Instance,
        values: &mut BTreeMap<ValueId, Tensor>,
    ) -> Result<(), RuntimeError> {
        let engine = self.engine;
        let recording = instance.recording();
        let mut inputs = Vec::with_capacity(recording.inputs.len());
        for (value, buffer) in &recording.inputs {
            let name = &graph.value(*value).name;
            let tensor = values.get(value).ok_or_else(|| RuntimeError::Input(format!("`{name}` was not computed")))?;
            inputs.push((instance.buffer(*buffer), tensor));
        }
        transfer::upload_all(engine, &inputs)?;
        let running = if let Some(profile) = self.options.profile.as_deref_mut() {
            let measured = profile::run(engine, instance)?;
            profile.wall_clock = measured.wall_clock;
            profile.calls.extend(measured.calls);
            None
        } else {
            slices::submit(engine, instance, self.options)?
        };
        let (readbacks, ranges) = engine.scoped("reading back", || {
            let mut encoder = engine.device().create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
            let readbacks: Vec<_> = recording
                .outputs
                .iter()
                .filter_map(|(v, b)| {
                    let bytes = transfer::bytes_of(graph.ty(*v)?, recording.output_store(*v));
                    let buffer = instance.buffer(*b);
                    let once = recording.outputs.iter().filter(|(_, other)| other == b).count() == 1;
                    let read = if once { transfer::download_in_place } else { transfer::download };
                    Some((*v, read(engine, &mut encoder, buffer, bytes)))
                })
                .collect();
            let ranges =
                instance.ranges().map(|(buffer, _)| transfer::download(engine, &mut encoder, buffer, buffer.size()));
            engine.queue().submit([encoder.finish()]);
            (readbacks, ranges)
        })?;
        let (mapped, ranges_mapped) = engine.scoped("reading back", || {
            let mapped: Vec<_> = readbacks.iter().map(|(_, r)| r.map()).collect();
            (mapped, ranges.as_ref().map(transfer::Readback::map))
        })?;
        engine.wait()?;
        running.into_iter().for_each(|slice| slice.ended(engine));
        for ((value, readback), mapped) in readbacks.into_iter().zip(mapped) {
            pollster::block_on(mapped)?;
            if let Some(ty) = graph.ty(value) {
                values.insert(value, readback.tensor(ty, recording.output_store(value))?);
            }
        }
        if let (Some(ranges), Some(mapped), Some((_, reports))) = (ranges, ranges_mapped, instance.ranges()) {
            pollster::block_on(mapped)?;
            ranges.finish(|bytes| reports.read(bytes, &mut self.misfits))?;
        }
        Ok(())
    }
}
