mod execution;
mod precision;
mod program;
mod report;
pub(crate) mod slices;

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use ocelli_graph::plan::{Decision, OutputForm, Plan, Step, Target};
use ocelli_graph::{Graph, GraphInput, NodeId, TensorType, ValueId, bind, passes};
use ocelli_tensor::{DType, Tensor};

use self::execution::Execution;
pub use self::precision::Precision;
pub use self::program::{Pending, Program};
pub use self::report::{NodeReport, Report, report};
use crate::executable::{Instance, Prepared};
use crate::profile::Profile;
use crate::ranges::Misfits;
use crate::{Engine, RuntimeError};

/// Knobs of one run.
#[derive(Default)]
pub struct RunOptions<'a> {
    /// Called between slices with the fraction done, in 0..1; returning `false` cancels the run.
    pub progress: Option<&'a mut dyn FnMut(f32) -> bool>,
    /// Measures each kernel call.
    pub profile: Option<&'a mut Profile>,
    /// How results that are 32-bit floats come. As samples of a picture they take a quarter or half of the way from the
    /// device, and a value that is not finite is an error.
    pub output: OutputForm,
}

/// A graph on an engine. Plans each combination of input shapes once.
pub struct Session {
    engine: Engine,
    graph: Arc<Graph>,
    /// What plans may count on; which nodes stay in full precision is learnt from runs.
    target: Mutex<Target>,
    plans: Mutex<HashMap<(Vec<TensorType>, OutputForm), Arc<Planned>>>,
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

impl Session {
    /// A session of `graph` in the precision of the engine's options. Nothing is compiled before the first run or [`Session::prepare`].
    pub fn new(engine: &Engine, graph: Graph) -> Result<Session, RuntimeError> {
        Session::with_precision(engine, graph, engine.inner.precision)
    }

    /// [`Session::new`] with the variants that `target` chooses, which may be fewer than the engine could run.
    pub fn for_target(engine: &Engine, graph: Graph, target: Target) -> Result<Session, RuntimeError> {
        graph.verify()?;
        Ok(Session {
            engine: engine.clone(),
            graph: Arc::new(graph),
            target: Mutex::new(target),
            plans: Mutex::default(),
        })
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
        loop {
            let planned = self.planned(&types, options.output)?;
            let target = Target { output: options.output, ..self.target() };
            let mut execution =
                Execution { engine: &self.engine, target: &target, options, misfits: Misfits::default() };
            if let Some(profile) = execution.options.profile.as_deref_mut() {
                profile.calls.clear();
            }
            let outputs = execution.run(&self.graph, &planned, inputs)?;
            // What did not fit is done again with more precision, so that no result is worse than that of 32 bits.
            if !self.learn(&execution.misfits) {
                let form = execution.options.output;
                return if form == OutputForm::Float {
                    Ok(outputs)
                } else {
                    samples(outputs, form, &execution.misfits)
                };
            }
        }
    }

    /// The choices between variants that the plan for these inputs took, as far as it is known before running.
    pub fn decisions(&self, inputs: &[Tensor]) -> Result<Vec<Decision>, RuntimeError> {
        let types: Vec<TensorType> = inputs.iter().map(|t| TensorType::new(t.dtype(), t.shape())).collect();
        let planned = self.planned(&types, OutputForm::Float)?;
        Ok(planned.plan.recordings().flat_map(|r| r.decisions.iter().cloned()).collect())
    }

    /// The choices with more than one variant, with the planned graph and the node that they are about.
    pub(crate) fn open_decisions(
        &self,
        types: &[TensorType],
    ) -> Result<Vec<(Arc<Graph>, Decision, NodeId)>, RuntimeError> {
        let planned = self.planned(types, OutputForm::Float)?;
        let graph = Arc::new(planned.plan.graph.clone());
        let all = planned.plan.recordings().flat_map(|r| &r.decisions).filter(|d| d.candidates.len() > 1);
        Ok(all.map(|d| (Arc::clone(&graph), d.clone(), d.node)).collect())
    }

    /// Frees the plans with their weights and activations on the device; they are made again when they are needed.
    pub fn release(&self) {
        self.plans.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// The plan for these input types and this form of results, made at the first call.
    pub(crate) fn planned(&self, types: &[TensorType], output: OutputForm) -> Result<Arc<Planned>, RuntimeError> {
        let lock = || self.plans.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (types.to_vec(), output);
        if let Some(planned) = lock().get(&key) {
            return Ok(Arc::clone(planned));
        }
        let target = Target { output, ..self.target() };
        let planned = Arc::new(plan(&self.engine, &self.graph, types, &target)?);
        lock().insert(key, Arc::clone(&planned));
        Ok(planned)
    }
}

/// Results of which those that the device left as floats become samples here.
fn samples(outputs: Vec<Tensor>, form: OutputForm, misfits: &Misfits) -> Result<Vec<Tensor>, RuntimeError> {
    let not_finite = |what: &str| RuntimeError::NotFinite(what.to_owned());
    if let Some(node) = &misfits.not_finite {
        return Err(not_finite(node));
    }
    let sampled = |t: Tensor| {
        if t.dtype() != DType::F32 {
            return Ok(t);
        }
        let values = t.to_f32s();
        if values.iter().any(|v| !v.is_finite()) {
            return Err(not_finite("a node on the host"));
        }
        let code = |v: &f32, top: f32| (v.clamp(0.0, 1.0) * top + 0.5) as u32;
        let made = match form {
            OutputForm::Float => return Ok(t),
            OutputForm::Unorm8 => Tensor::from_vec(t.shape(), values.iter().map(|v| code(v, 255.0) as u8).collect()),
            OutputForm::Unorm16 => {
                Tensor::from_vec(t.shape(), values.iter().map(|v| code(v, 65535.0) as u16).collect())
            }
        };
        made.map_err(|e| RuntimeError::Input(e.to_string()))
    };
    outputs.into_iter().map(sampled).collect()
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
    // What another part goes on with is no result.
    let output = if rest.is_some() { OutputForm::Float } else { target.output };
    let target = &Target { output, ..target.clone() };
    let bound = dump.map(|_| part.clone());
    passes::optimize(&mut part, options)?;
    let plan = Plan::new(part, &[], target)?;
    if let (Some(folder), Some(bound)) = (dump, bound) {
        crate::dump::write(folder, &bound, &plan);
    }
    Ok((plan, delivers, rest))
}
