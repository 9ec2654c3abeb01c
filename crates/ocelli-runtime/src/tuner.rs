//! Measures the variants that could compute the nodes of a plan, and keeps the winners.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use ocelli_graph::plan::{Decision, Target};
use ocelli_graph::{Graph, GraphInput, NodeId, TensorType};
use ocelli_tensor::{DType, Dim, Tensor};

use crate::profile::Profile;
use crate::{Engine, RunOptions, RuntimeError, Session};

/// Runs of a variant that are measured; the fastest counts.
const RUNS: usize = 3;
/// Largest relative error (L2) of a variant against the portable one.
const TOLERANCE: f64 = 1e-3;
/// The same where operands may be rounded to `f16` (Winograd's transforms amplify that).
const TOLERANCE_F16: f64 = 3e-3;

/// What measuring one decision gave.
#[derive(Clone, Debug)]
pub struct Tuned {
    /// What is computed.
    pub key: String,
    /// Variants with their time on the device, the fastest first.
    pub times: Vec<(String, Duration)>,
    /// Variants that failed or were wrong on this adapter, with the reason. They are not used.
    pub quarantined: Vec<(String, String)>,
    /// The variant that was taken before.
    pub before: String,
}

impl Session {
    /// Measures each choice between variants that the plan for inputs of these types takes and that was not measured
    /// before on this adapter, until `budget` is spent, and keeps the winners: in the cache folder of the engine's
    /// options, and for the sessions that are made from now on.
    pub fn tune(&self, types: &[TensorType], budget: Duration) -> Result<Vec<Tuned>, RuntimeError> {
        let begun = Instant::now();
        let engine = self.engine().clone();
        let known = engine.inner.choices.known();
        let mut all = Vec::new();
        let mut seen = BTreeSet::new();
        for (graph, decision, node) in self.open_decisions(types)? {
            if known.contains_key(&decision.key) || !seen.insert(decision.key.clone()) {
                continue;
            }
            if begun.elapsed() > budget {
                log::info!("the tuning budget of {:.1} s is spent", budget.as_secs_f64());
                break;
            }
            if let Some((single, inputs)) = single_node(&graph, node) {
                all.push(measure(&engine, &single, &inputs, &decision)?);
            }
        }
        let winners = all.iter().filter_map(|t: &Tuned| Some((t.key.clone(), t.times.first()?.0.clone())));
        engine.inner.choices.extend(winners.collect());
        Ok(all)
    }
}

/// The node alone, and inputs for what it reads that is no constant.
fn single_node(graph: &Graph, node: NodeId) -> Option<(Graph, Vec<Tensor>)> {
    let original = graph.nodes.get(node.0 as usize)?;
    let mut single = Graph { name: original.name.clone(), values: graph.values.clone(), ..Graph::default() };
    let mut inputs = Vec::new();
    for id in original.inputs.iter().flatten().copied().collect::<BTreeSet<_>>() {
        if graph.constant(id).is_some() {
            continue;
        }
        let ty = graph.ty(id)?;
        single.inputs.push(GraphInput {
            value: id,
            dtype: ty.dtype,
            dims: Some(ty.shape.iter().map(|&d| Dim::Fixed(d)).collect()),
        });
        inputs.push(noise(ty)?);
    }
    single.outputs = original.outputs.iter().flatten().copied().collect();
    single.nodes.push(original.clone());
    Some((single, inputs))
}

/// Values between -1 and 1, or bytes over their whole range, that differ from element to element.
fn noise(ty: &TensorType) -> Option<Tensor> {
    let mut state = 0x2545_f491_u32;
    let values = (0..ty.elems()).map(|_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / (1 << 23) as f32 - 1.0
    });
    let middle = match ty.dtype {
        DType::F32 => return Tensor::from_vec(&ty.shape, values.collect()).ok(),
        DType::U8 => 128.0,
        DType::I8 => 0.0,
        _ => return None,
    };
    let bytes: Vec<i64> = values.map(|v| (v * 127.0 + middle) as i64).collect();
    Tensor::from_i64s(ty.dtype, &ty.shape, &bytes).ok()
}

fn measure(engine: &Engine, graph: &Graph, inputs: &[Tensor], d: &Decision) -> Result<Tuned, RuntimeError> {
    let reference = Session::for_target(engine, graph.clone(), Target::default())?.run(inputs)?;
    let mut tuned = Tuned { key: d.key.clone(), times: Vec::new(), quarantined: Vec::new(), before: d.taken.clone() };
    for candidate in &d.candidates {
        match time(engine, graph, inputs, &d.key, candidate, &reference) {
            Ok(time) => tuned.times.push((candidate.clone(), time)),
            Err(reason) => {
                log::warn!("{candidate} is not used for {}: {reason}", d.key);
                tuned.quarantined.push((candidate.clone(), reason));
            }
        }
    }
    tuned.times.sort_by_key(|t| t.1);
    Ok(tuned)
}

/// Time of the fastest run on the device, or why the variant cannot be used.
fn time(
    engine: &Engine,
    graph: &Graph,
    inputs: &[Tensor],
    key: &str,
    candidate: &str,
    reference: &[Tensor],
) -> Result<Duration, String> {
    let choices = Arc::new(BTreeMap::from([(key.to_owned(), candidate.to_owned())]));
    let target = Target { choices, ..engine.target() };
    let tolerance = if target.allow_f16 { TOLERANCE_F16 } else { TOLERANCE };
    let session = Session::for_target(engine, graph.clone(), target).map_err(|e| e.to_string())?;
    let got = session.run(inputs).map_err(|e| e.to_string())?;
    let error = got.iter().zip(reference).map(|(g, r)| relative_error(g, r)).fold(0.0, f64::max);
    if !(error <= tolerance) {
        return Err(format!("its result differs by {error:.1e} (relative L2) from that of the portable kernel"));
    }
    let mut best = f64::INFINITY;
    for _ in 0..RUNS {
        let mut profile = Profile::default();
        let mut options = RunOptions { profile: Some(&mut profile), ..RunOptions::default() };
        session.run_with(inputs, &mut options).map_err(|e| e.to_string())?;
        best = best.min(profile.calls.iter().map(|c| c.time_ns).sum());
    }
    Ok(Duration::from_nanos(best as u64))
}

/// `|got - want| / |want|`; NaN counts as wrong.
fn relative_error(got: &Tensor, want: &Tensor) -> f64 {
    let (got, want) = (got.to_f64s(), want.to_f64s());
    let square = |x: f64| x * x;
    let difference: f64 = got.iter().zip(&want).map(|(g, w)| square(g - w)).sum();
    let size: f64 = want.iter().copied().map(square).sum();
    if difference == 0.0 { 0.0 } else { (difference / size).sqrt() }
}
