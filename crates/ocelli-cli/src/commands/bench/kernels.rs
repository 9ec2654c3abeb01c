use std::sync::Arc;

use indicatif::ProgressBar;
use ocelli::graph::plan::Target;
use ocelli::graph::{Case, Graph};
use ocelli::{Engine, Error, Peaks, Profile, RunOptions, Session, Tensor};

use super::computations::{Computation, graph};
use super::noise::Sample;

/// Timed runs of a variant in one round; slow ones run once.
const REPEATS: usize = 3;

/// A run longer than this is not repeated within a round.
const SLOW_MS: f64 = 250.0;

/// Largest error of an element, relative to the largest element of the reference, that a variant may have in `f32`.
pub const MOST_ERROR: f64 = 1e-4;

/// The same where operands are rounded to `f16`, by 2^-11 at most, and behind Winograd's transforms, which amplify that.
const MOST_ERROR_F16: [f64; 2] = [4e-3, 1.2e-2];

/// One variant of one computation.
pub struct Row {
    /// The computation.
    pub computation: String,
    /// Its family.
    pub family: &'static str,
    /// The variant, or the kernel where there is nothing to choose.
    pub variant: String,
    /// Whether it is what a session takes by itself.
    pub default: bool,
    /// Its kernels in order.
    pub kernels: Vec<String>,
    /// Its time.
    pub time: Sample,
    /// Floating-point operations as the textbook counts them.
    pub flops: u64,
    /// Bytes of the operands and the result.
    pub bytes: u64,
    /// Largest error relative to the largest element of the reference; infinite for NaN.
    pub error: f64,
}

impl Row {
    /// Whether the error is too large.
    pub fn wrong(&self) -> bool {
        let rounded = MOST_ERROR_F16[usize::from(self.variant.contains("winograd"))];
        let halves = self.variant.contains("coop") || self.variant.contains("half ");
        let most = if halves { rounded } else { MOST_ERROR };
        // NaN is wrong as well.
        !(self.error <= most)
    }

    /// The part of what the adapter could do at this arithmetic intensity that the variant reaches.
    pub fn roofline(&self, peaks: &Peaks) -> f64 {
        let least = (self.flops as f64 / peaks.flops_per_second).max(self.bytes as f64 / peaks.bytes_per_second);
        least * 1e3 / self.time.median_ms.max(1e-12)
    }
}

/// What all rounds gave.
pub struct Outcome {
    /// One row per computation and variant.
    pub rows: Vec<Row>,
    /// Whether times are those of the host's clock.
    pub wall_clock: bool,
}

impl Outcome {
    /// 0, or 1 when a variant computes something wrong.
    pub fn exit_code(&self) -> u8 {
        u8::from(self.rows.iter().any(Row::wrong))
    }
}

/// A variant while it is measured.
struct Variant {
    name: String,
    default: bool,
    target: Target,
    times_ms: Vec<f64>,
    kernels: Vec<String>,
    error: f64,
}

/// Computes what a case should give.
pub type Reference = dyn Fn(&Case) -> Result<Vec<f64>, Error>;

/// Runs every variant of every computation `rounds` times over the whole list, so that a drift of the machine meets all
/// of them alike; the results of the first round are compared with the reference.
pub fn measure(
    engine: &Engine,
    computations: &[Computation],
    rounds: usize,
    reference: &Reference,
) -> Result<Outcome, Error> {
    let progress = ProgressBar::new((rounds * computations.len()) as u64);
    let style = indicatif::ProgressStyle::with_template("{wide_bar} {pos}/{len} {msg}");
    progress.set_style(style.unwrap_or_else(|_| indicatif::ProgressStyle::default_bar()));
    let mut found: Vec<Vec<Variant>> = computations.iter().map(|_| Vec::new()).collect();
    let mut sizes = vec![(0u64, 0u64); computations.len()];
    let mut wall_clock = false;
    for round in 0..rounds.max(1) {
        for (i, computation) in computations.iter().enumerate() {
            progress.set_message(computation.name.clone());
            let case = computation.case()?;
            let (graph, inputs) = graph(&case);
            if round == 0 {
                found[i] = variants(engine, &graph, &inputs)?;
            }
            let sessions: Vec<Session> = found[i]
                .iter()
                .map(|v| Session::for_target(engine, graph.clone(), v.target.clone()))
                .collect::<Result<_, _>>()?;
            // The first run allocates, compiles and warms up.
            let want = if round == 0 { Some(reference(&case)?) } else { None };
            for (variant, session) in found[i].iter_mut().zip(&sessions) {
                let outputs = session.run(&inputs)?;
                if let (Some(want), Some(got)) = (&want, outputs.first()) {
                    variant.error = error(&got.to_f64s(), want);
                    let operands: usize = case.inputs.iter().flatten().map(Tensor::len).sum();
                    sizes[i] = (computation.flops_per_element * got.len() as u64, 4 * (operands + got.len()) as u64);
                }
            }
            for repeat in 0..REPEATS {
                for (variant, session) in found[i].iter_mut().zip(&sessions) {
                    if repeat > 0 && variant.times_ms.last().is_some_and(|t| *t > SLOW_MS) {
                        continue;
                    }
                    let mut profile = Profile::default();
                    session
                        .run_with(&inputs, &mut RunOptions { profile: Some(&mut profile), ..RunOptions::default() })?;
                    variant.times_ms.push(profile.calls.iter().map(|c| c.time_ns * 1e-6).sum());
                    variant.kernels = profile.calls.into_iter().map(|c| c.kernel).collect();
                    wall_clock |= profile.wall_clock;
                }
            }
            progress.inc(1);
        }
    }
    progress.finish_and_clear();
    let mut rows = Vec::new();
    for ((computation, variants), (flops, bytes)) in computations.iter().zip(found).zip(sizes) {
        for v in variants {
            let Some(time) = Sample::of(&v.times_ms) else {
                continue;
            };
            let first = v.kernels.first().cloned().unwrap_or_else(|| "no kernel".to_owned());
            rows.push(Row {
                computation: computation.name.clone(),
                family: computation.family,
                variant: if v.name.is_empty() { first } else { v.name },
                default: v.default,
                kernels: v.kernels,
                time,
                flops,
                bytes,
                error: v.error,
            });
        }
    }
    Ok(Outcome { rows, wall_clock })
}

/// What a session takes by itself, then every other candidate of each of its decisions, then those that only GPUs are offered,
/// with operands rounded to `f16` among them where the adapter has cooperative matrices.
fn variants(engine: &Engine, graph: &Graph, inputs: &[Tensor]) -> Result<Vec<Variant>, Error> {
    let target = engine.target();
    let decisions = Session::for_target(engine, graph.clone(), target.clone())?.decisions(inputs)?;
    let variant = |name: String, default: bool, target: Target| Variant {
        name,
        default,
        target,
        times_ms: Vec::new(),
        kernels: Vec::new(),
        error: f64::INFINITY,
    };
    let taken: Vec<&str> = decisions.iter().map(|d| d.taken.as_str()).collect();
    let mut all = vec![variant(taken.join(" + "), true, target.clone())];
    let gpu = Target { software: false, allow_f16: target.cooperative.is_some(), ..target.clone() };
    let more = Session::for_target(engine, graph.clone(), gpu.clone())?.decisions(inputs)?;
    for (i, decision) in decisions.iter().enumerate() {
        let known = |c: &String| decision.candidates.contains(c);
        let further = more.iter().filter(|d| d.key == decision.key).flat_map(|d| &d.candidates).filter(|c| !known(c));
        let others = decision.candidates.iter().filter(|c| **c != decision.taken).map(|c| (c, &target));
        for (candidate, target) in others.chain(further.map(|c| (c, &gpu))) {
            let mut names = taken.clone();
            names[i] = candidate;
            let choices = [(decision.key.clone(), candidate.clone())].into();
            all.push(variant(names.join(" + "), false, Target { choices: Arc::new(choices), ..target.clone() }));
        }
    }
    Ok(all)
}

/// Largest error relative to the largest element of `want`; infinite where something is not a number or missing.
fn error(got: &[f64], want: &[f64]) -> f64 {
    if got.len() != want.len() {
        return f64::INFINITY;
    }
    let largest = want.iter().fold(1e-30f64, |m, w| m.max(w.abs()));
    let worst = |m: f64, e: f64| if e.is_nan() { f64::INFINITY } else { m.max(e) };
    got.iter().zip(want).map(|(g, w)| (g - w).abs()).fold(0.0, worst) / largest
}

#[cfg(test)]
mod tests {
    use ocelli::EngineOptions;

    use super::super::{computations, reference::reference, report};
    use super::*;

    fn engine() -> Engine {
        let device = std::env::var("OCELLI_DEVICE").ok();
        Engine::open(&EngineOptions { device, ..EngineOptions::default() }).expect("an adapter")
    }

    fn small() -> Vec<Computation> {
        vec![computations::conv("conv3x3", 3, 1, 1, [8, 16, 16]), computations::conv("conv1x1", 1, 1, 1, [8, 16, 16])]
    }

    #[test]
    fn every_variant_is_timed_and_right() {
        let outcome = measure(&engine(), &small(), 2, &reference).unwrap();
        assert_eq!(outcome.exit_code(), 0);
        for computation in small() {
            let rows: Vec<&Row> = outcome.rows.iter().filter(|r| r.computation == computation.name).collect();
            assert_eq!(rows.iter().filter(|r| r.default).count(), 1);
            assert!(rows.iter().all(|r| r.time.runs == 2 * REPEATS && r.time.median_ms > 0.0 && !r.wrong()));
        }
        assert!(outcome.rows.len() > 2, "conv3x3 has several variants");
        assert_eq!(outcome.rows[0].flops, 2 * 8 * 9 * 16 * 16 * 16);
        assert_eq!(outcome.rows[0].bytes, 4 * (8 * 256 + 16 * 8 * 9 + 16 + 16 * 256));
    }

    #[test]
    fn a_wrong_answer_is_named_and_fails() {
        let wrong = |case: &Case| {
            let mut want = reference(case)?;
            want[7] += 0.01 * want.iter().fold(0.0f64, |m, w| m.max(w.abs()));
            Ok(want)
        };
        let outcome = measure(&engine(), &small()[..1], 1, &wrong).unwrap();
        assert_eq!(outcome.exit_code(), 1);
        assert!(outcome.rows.iter().all(Row::wrong));
        let peaks = Peaks { flops_per_second: 1e11, bytes_per_second: 1e10 };
        assert!(report::table(&outcome, &peaks).contains("WRONG"));
    }

    #[test]
    fn errors_are_relative_and_nan_is_infinite() {
        assert_eq!(error(&[1.0, 2.5], &[1.0, 2.0]), 0.25);
        assert_eq!(error(&[f64::NAN], &[1.0]), f64::INFINITY);
        assert_eq!(error(&[1.0], &[1.0, 2.0]), f64::INFINITY);
    }

    #[test]
    fn peaks_are_plausible() {
        let peaks = engine().peaks().unwrap();
        assert!(peaks.flops_per_second > 1e8 && peaks.flops_per_second < 1e16, "{peaks:?}");
        assert!(peaks.bytes_per_second > 1e7 && peaks.bytes_per_second < 1e15, "{peaks:?}");
    }
}
