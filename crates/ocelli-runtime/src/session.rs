mod program;
mod report;

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use ocelli_graph::interpreter::run_node;
use ocelli_graph::plan::{Decision, Plan, Step, Target};
use ocelli_graph::{Graph, GraphInput, NodeId, TensorType, ValueId, bind, passes};
use ocelli_tensor::Tensor;

pub use self::program::Program;
pub use self::report::{NodeReport, Report, report};
use crate::executable::{Instance, Prepared};
use crate::profile::{self, Profile};
use crate::{Engine, RuntimeError, transfer};

/// Knobs of one run.
#[derive(Default)]
pub struct RunOptions<'a> {
    /// Called between slices with the fraction done, in 0..1; returning `false` cancels the run.
    pub progress: Option<&'a mut dyn FnMut(f32) -> bool>,
    /// Measures each kernel call.
    pub profile: Option<&'a mut Profile>,
}

/// A graph on an engine. Plans each combination of input shapes once.
pub struct Session {
    engine: Engine,
    graph: Arc<Graph>,
    target: Target,
    plans: Mutex<HashMap<Vec<TensorType>, Arc<Planned>>>,
}

/// A graph planned for one combination of input shapes.
pub(crate) struct Planned {
    plan: Plan,
    steps: Vec<PlannedStep>,
    /// The values that `plan.graph.outputs` stand for, by the ids of the graph that was planned.
    delivers: Vec<ValueId>,
    /// What remains when a shape depends on data: the graph behind, whose inputs are among `delivers`.
    rest: Option<Rest>,
}

enum PlannedStep {
    Device { prepared: Arc<Prepared>, idle: Mutex<Vec<Instance>> },
    Host(Vec<NodeId>),
}

struct Rest {
    graph: Graph,
    /// The input whose value the shapes depend on.
    waits_for: ValueId,
    /// Outputs of the original graph.
    outputs: Vec<ValueId>,
}

/// Target duration of one submit.
const SLICE_SECONDS: f64 = 0.1;

impl Session {
    /// A session of `graph`. Nothing is compiled before the first run or [`Session::prepare`].
    pub fn new(engine: &Engine, graph: Graph) -> Result<Session, RuntimeError> {
        Session::for_target(engine, graph, engine.target())
    }

    /// [`Session::new`] with the variants that `target` chooses, which may be fewer than the engine could run.
    pub fn for_target(engine: &Engine, graph: Graph, target: Target) -> Result<Session, RuntimeError> {
        graph.verify()?;
        Ok(Session { engine: engine.clone(), graph: Arc::new(graph), target, plans: Mutex::default() })
    }

    /// The engine.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// The graph as imported.
    pub fn graph(&self) -> &Graph {
        &self.graph
    }

    /// Names of the inputs in the order of the graph.
    pub fn input_names(&self) -> Vec<&str> {
        self.graph.inputs.iter().map(|i| self.graph.value(i.value).name.as_str()).collect()
    }

    /// Names of the outputs in the order of the graph.
    pub fn output_names(&self) -> Vec<&str> {
        self.graph.outputs.iter().map(|&v| self.graph.value(v).name.as_str()).collect()
    }

    /// Runs on inputs in the order of the graph; returns the outputs in the order of the graph.
    pub fn run(&self, inputs: &[Tensor]) -> Result<Vec<Tensor>, RuntimeError> {
        self.run_with(inputs, &mut RunOptions::default())
    }

    /// [`Session::run`] with inputs by name.
    pub fn run_named(&self, inputs: &[(&str, Tensor)]) -> Result<Vec<(String, Tensor)>, RuntimeError> {
        let ordered = self.order_inputs(inputs)?;
        let outputs = self.run(&ordered)?;
        Ok(self.output_names().into_iter().map(str::to_owned).zip(outputs).collect())
    }

    /// Inputs by name in the order of the graph; errors name what is unknown and what is missing.
    pub fn order_inputs(&self, inputs: &[(&str, Tensor)]) -> Result<Vec<Tensor>, RuntimeError> {
        let names = self.input_names();
        if let Some((unknown, _)) = inputs.iter().find(|(n, _)| !names.contains(n)) {
            return Err(RuntimeError::Input(format!(
                "unknown input `{unknown}`; the model has [{}]",
                names.join(", ")
            )));
        }
        names
            .iter()
            .map(|name| {
                let found = inputs.iter().find(|(n, _)| n == name);
                found.map(|(_, t)| t.clone()).ok_or_else(|| RuntimeError::Input(format!("input `{name}` is missing")))
            })
            .collect()
    }

    /// [`Session::run`] with options.
    pub fn run_with(&self, inputs: &[Tensor], options: &mut RunOptions<'_>) -> Result<Vec<Tensor>, RuntimeError> {
        let types: Vec<TensorType> = inputs.iter().map(|t| TensorType::new(t.dtype(), t.shape())).collect();
        let planned = self.planned(&types)?;
        execute(&self.engine, &self.graph, &self.target, &planned, inputs, options)
    }

    /// The choices between variants that the plan for these inputs took, as far as it is known before running.
    pub fn decisions(&self, inputs: &[Tensor]) -> Result<Vec<Decision>, RuntimeError> {
        let types: Vec<TensorType> = inputs.iter().map(|t| TensorType::new(t.dtype(), t.shape())).collect();
        let planned = self.planned(&types)?;
        Ok(planned.plan.recordings().flat_map(|r| r.decisions.iter().cloned()).collect())
    }

    /// The choices with more than one variant, with the planned graph and the node that they are about.
    pub(crate) fn open_decisions(
        &self,
        types: &[TensorType],
    ) -> Result<Vec<(Arc<Graph>, Decision, NodeId)>, RuntimeError> {
        let planned = self.planned(types)?;
        let graph = Arc::new(planned.plan.graph.clone());
        let all = planned.plan.recordings().flat_map(|r| &r.decisions).filter(|d| d.candidates.len() > 1);
        Ok(all.map(|d| (Arc::clone(&graph), d.clone(), d.node)).collect())
    }

    /// The plan for these input types, made at the first call.
    pub(crate) fn planned(&self, types: &[TensorType]) -> Result<Arc<Planned>, RuntimeError> {
        let lock = || self.plans.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(planned) = lock().get(types) {
            return Ok(Arc::clone(planned));
        }
        let planned = Arc::new(plan(&self.engine, &self.graph, types, &self.target)?);
        lock().insert(types.to_vec(), Arc::clone(&planned));
        Ok(planned)
    }
}

/// Binds, optimizes and plans `graph`, and prepares its recordings on the device.
fn plan(engine: &Engine, graph: &Graph, types: &[TensorType], target: &Target) -> Result<Planned, RuntimeError> {
    let (plan, delivers, rest) = plan_graph(graph, types, target, &engine.inner.passes, engine.inner.dump.as_deref())?;
    let steps = plan
        .steps
        .iter()
        .map(|step| {
            Ok(match step {
                Step::Host(nodes) => PlannedStep::Host(nodes.clone()),
                Step::Device(recording) => PlannedStep::Device {
                    prepared: Arc::new(Prepared::new(engine, recording.clone())?),
                    idle: Mutex::default(),
                },
            })
        })
        .collect::<Result<_, RuntimeError>>()?;
    Ok(Planned { plan, steps, delivers, rest })
}

/// The device-independent part of planning.
fn plan_graph(
    graph: &Graph,
    types: &[TensorType],
    target: &Target,
    options: &passes::Options,
    dump: Option<&Path>,
) -> Result<(Plan, Vec<ValueId>, Option<Rest>), RuntimeError> {
    let bound = bind(graph, types)?;
    let mut part = bound.graph;
    let mut rest = None;
    if let Some(waits_for) = bound.waits_for {
        let inside: Vec<bool> = {
            let mut known: Vec<bool> = part.values.iter().map(|v| v.constant.is_some()).collect();
            let produced = part.nodes.iter().flat_map(|n| n.outputs.iter().flatten());
            for id in produced.chain(part.inputs.iter().map(|i| &i.value)) {
                known[id.0 as usize] = true;
            }
            known
        };
        let mut needed: Vec<ValueId> = bound.rest.iter().flat_map(|n| n.inputs.iter().flatten()).copied().collect();
        needed.extend(&graph.outputs);
        needed.retain(|v| inside[v.0 as usize] && part.constant(*v).is_none());
        needed.sort_unstable();
        needed.dedup();
        let mut behind = part.clone();
        behind.nodes = bound.rest;
        behind.inputs = needed
            .iter()
            .filter_map(|&value| Some(GraphInput { value, dtype: part.ty(value)?.dtype, dims: None }))
            .collect();
        part.outputs = needed;
        rest = Some(Rest { graph: behind, waits_for, outputs: graph.outputs.clone() });
    }
    let delivers = part.outputs.clone();
    let bound = dump.map(|_| part.clone());
    passes::optimize(&mut part, options)?;
    let plan = Plan::new(part, &[], target)?;
    if let (Some(folder), Some(bound)) = (dump, bound) {
        crate::dump::write(folder, &bound, &plan);
    }
    Ok((plan, delivers, rest))
}

/// Runs a planned graph on host tensors.
fn execute(
    engine: &Engine,
    graph: &Graph,
    target: &Target,
    planned: &Planned,
    inputs: &[Tensor],
    options: &mut RunOptions<'_>,
) -> Result<Vec<Tensor>, RuntimeError> {
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
                let instance = taken.map_or_else(|| prepared.instance(), Ok)?;
                run_device(engine, bound, &instance, &mut values, options)?;
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
    continue_with(engine, target, rest, &results, options)
}

/// Runs what is left now that the value that its shapes depend on is there.
fn continue_with(
    engine: &Engine,
    target: &Target,
    rest: &Rest,
    known: &BTreeMap<ValueId, Tensor>,
    options: &mut RunOptions<'_>,
) -> Result<Vec<Tensor>, RuntimeError> {
    let mut graph = rest.graph.clone();
    if let Some(tensor) = known.get(&rest.waits_for) {
        graph.set_constant(rest.waits_for, tensor.clone());
        graph.inputs.retain(|i| i.value != rest.waits_for);
    }
    graph.outputs = rest.outputs.clone();
    let inputs: Vec<Tensor> = graph.inputs.iter().filter_map(|i| known.get(&i.value).cloned()).collect();
    let types: Vec<TensorType> = inputs.iter().map(|t| TensorType::new(t.dtype(), t.shape())).collect();
    let planned = plan(engine, &graph, &types, target)?;
    execute(engine, &graph, target, &planned, &inputs, options)
}

/// Uploads, runs in slices, and reads back one recording.
fn run_device(
    engine: &Engine,
    graph: &Graph,
    instance: &Instance,
    values: &mut BTreeMap<ValueId, Tensor>,
    options: &mut RunOptions<'_>,
) -> Result<(), RuntimeError> {
    let recording = instance.recording();
    for (value, buffer) in &recording.inputs {
        let name = &graph.value(*value).name;
        let tensor = values.get(value).ok_or_else(|| RuntimeError::Input(format!("`{name}` was not computed")))?;
        transfer::upload(engine, instance.buffer(*buffer), tensor)?;
    }
    if let Some(profile) = options.profile.as_deref_mut() {
        let measured = profile::run(engine, instance)?;
        profile.wall_clock = measured.wall_clock;
        profile.calls.extend(measured.calls);
    } else {
        submit_slices(engine, instance, options)?;
    }
    let readbacks = engine.scoped("reading back", || {
        let mut encoder = engine.device().create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        let readbacks: Vec<_> = recording
            .outputs
            .iter()
            .filter_map(|(v, b)| {
                Some((*v, transfer::download(engine, &mut encoder, instance.buffer(*b), graph.ty(*v)?)))
            })
            .collect();
        engine.queue().submit([encoder.finish()]);
        readbacks
    })?;
    let mapped: Vec<_> = readbacks.iter().map(|(_, r)| r.map()).collect();
    engine.wait()?;
    for ((value, readback), mapped) in readbacks.into_iter().zip(mapped) {
        pollster::block_on(mapped)?;
        values.insert(value, readback.finish()?);
    }
    Ok(())
}

/// Submits the calls in slices of about [`SLICE_SECONDS`], asking for progress and cancellation in between.
fn submit_slices(engine: &Engine, instance: &Instance, options: &mut RunOptions<'_>) -> Result<(), RuntimeError> {
    let calls = &instance.recording().calls;
    let total = instance.recording().flops().max(1) as f32;
    let (mut start, mut done) = (0, 0u64);
    while start < calls.len() {
        let budget = engine.inner.slice_flops.load(Ordering::Relaxed);
        let (mut end, mut flops) = (start, 0u64);
        while end < calls.len() && (end == start || flops + calls[end].flops <= budget) {
            flops += calls[end].flops;
            end += 1;
        }
        let begun = Instant::now();
        engine.scoped("running", || {
            let mut encoder = engine.device().create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
            instance.encode_calls(&mut encoder, start..end);
            engine.queue().submit([encoder.finish()]);
        })?;
        // The last slice is waited for by the read-back.
        if end < calls.len() {
            engine.wait()?;
            let seconds = begun.elapsed().as_secs_f64().max(1e-4);
            let fitting = flops as f64 * SLICE_SECONDS / seconds;
            let next = (budget as f64 * 0.5 + fitting.clamp(1e8, 1e13) * 0.5) as u64;
            engine.inner.slice_flops.store(next, Ordering::Relaxed);
        }
        (start, done) = (end, done + flops);
        if let Some(progress) = options.progress.as_deref_mut() {
            if !progress(done as f32 / total) {
                engine.wait()?;
                return Err(RuntimeError::Cancelled);
            }
        }
    }
    Ok(())
}
