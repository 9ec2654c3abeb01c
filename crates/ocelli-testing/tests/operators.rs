//! Every case of every operator on the device, against the naive reference.

use std::collections::BTreeSet;
use std::sync::Arc;

use libtest_mimic::{Arguments, Failed, Trial};
use ocelli_graph::plan::{OutputForm, Precision, Target};
use ocelli_graph::{Case, Graph, OpError, Operator, interpreter};
use ocelli_runtime::{RunOptions, RuntimeError, Session};
use ocelli_tensor::{DType, Tensor};
use ocelli_testing::{Tolerance, case_graph, checked_engine, compare, engine, unfused_engine, wrapped_case_graph};

fn main() {
    let arguments = Arguments::from_args();
    let mut trials = Vec::new();
    for (folder, cases) in ocelli_graph::ops::all_cases() {
        let complete = complete(&cases);
        trials.push(Trial::test(format!("{folder}::has_cases"), move || complete.map_err(Failed::from)));
        for case in cases {
            trials.push(Trial::test(format!("{folder}::{}::{}", case.op.name(), case.name), move || run(&case)));
        }
    }
    libtest_mimic::run(&arguments, trials).exit();
}

/// At least three cases, with different names, and one whose dimensions differ.
fn complete(cases: &[Case]) -> Result<(), String> {
    let mut names: Vec<String> = cases.iter().map(|c| format!("{}::{}", c.op.name(), c.name)).collect();
    names.sort();
    let count = names.len();
    names.dedup();
    if count < 3 || names.len() < count {
        return Err(format!("{count} cases, {} names; at least three are needed", names.len()));
    }
    let asymmetric = |c: &Case| {
        c.inputs.iter().flatten().any(|t| {
            let s = t.shape();
            s.len() < 2 || s.windows(2).any(|w| w[0] != w[1])
        })
    };
    if cases.iter().any(asymmetric) { Ok(()) } else { Err("no case with different dimensions".to_owned()) }
}

fn run(case: &Case) -> Result<(), Failed> {
    let (graph, inputs) = case_graph(case);
    let want = match interpreter::run(&graph, &inputs) {
        Ok(want) => want,
        Err(e) if matches!(e.source, OpError::Unsupported(_)) => {
            return Err(format!("the reference does not do it: {e}").into());
        }
        Err(e) => return Err(e.to_string().into()),
    };
    let engine = engine()?;
    let target = engine.target();
    let session = Session::new(&engine, graph.clone())?;
    agree(&session.run(&inputs)?, &want)?;
    let checked = Session::new(&checked_engine()?, graph.clone())?.run(&inputs)?;
    agree(&checked, &want).map_err(|e| format!("with bounds checks: {}", e.message().unwrap_or_default()))?;
    // Every other variant of each kernel, those that only GPUs are offered, and the portable ones alone.
    let mut others = vec![("portable".to_owned(), Target::default())];
    let gpu =
        Target { software: false, allow_f16: target.cooperative.is_some() || target.native_f16, ..target.clone() };
    let decisions = session.decisions(&inputs)?;
    let mut seen: BTreeSet<(String, String)> = decisions.into_iter().map(|d| (d.key, d.taken)).collect();
    for target in [target, gpu] {
        for decision in Session::for_target(&engine, graph.clone(), target.clone())?.decisions(&inputs)? {
            for candidate in decision.candidates {
                let choice = (decision.key.clone(), candidate.clone());
                if seen.insert(choice.clone()) {
                    others.push((candidate, Target { choices: Arc::new([choice].into()), ..target.clone() }));
                }
            }
        }
    }
    for (name, target) in others.iter().filter(|_| others.len() > 1) {
        let got = Session::for_target(&engine, graph.clone(), target.clone())?.run(&inputs)?;
        let tolerance = |t: &Tensor| within(name, Tolerance::of(t.dtype()));
        agree_within(&got, &want, tolerance).map_err(|e| format!("{name}: {}", e.message().unwrap_or_default()))?;
    }
    samples(&graph, &inputs, &want, &others)?;
    halves(case, &want, &others)
}

/// The results as samples of a picture, with every variant of the kernels: those of the reference, but for what the
/// tolerance of floats moves across the border between two. What is not finite is refused.
fn samples(graph: &Graph, inputs: &[Tensor], want: &[Tensor], others: &[(String, Target)]) -> Result<(), Failed> {
    let floats = || want.iter().filter(|t| t.dtype() == DType::F32);
    if floats().next().is_none() {
        return Ok(());
    }
    let finite = floats().all(|t| t.to_f32s().iter().all(|v| v.is_finite()));
    let engine = engine()?;
    let default = ("default".to_owned(), engine.target());
    let eight = others.iter().chain([&default]).map(|v| (OutputForm::Unorm8, DType::U8, 255.0, v));
    for (output, dtype, top, (name, target)) in eight.chain([(OutputForm::Unorm16, DType::U16, 65535.0, &default)]) {
        let session = Session::for_target(&engine, graph.clone(), target.clone())?;
        let got = match session.run_with(inputs, &mut RunOptions { output, ..RunOptions::default() }) {
            Err(RuntimeError::NotFinite(_)) if !finite => continue,
            got => got?,
        };
        let fail = |e: String| Failed::from(format!("{output:?}, {name}: {e}"));
        if !finite {
            return Err(fail("what is not finite was not refused".to_owned()));
        }
        for (got, want) in got.iter().zip(want) {
            let tolerance = within(name, Tolerance::of(want.dtype()));
            if want.dtype() != DType::F32 {
                compare(got, want, tolerance).map_err(fail)?;
                continue;
            }
            if got.dtype() != dtype {
                return Err(fail(format!("expected {dtype}, got {got:?}")));
            }
            let values = want.to_f64s();
            let largest = values.iter().fold(0.0f64, |a, v| a.max(v.abs()));
            for (i, (got, want)) in got.to_f64s().iter().zip(&values).enumerate() {
                let error = (got - want.clamp(0.0, 1.0) * top).abs();
                if error > 0.5 + 1e-3 + tolerance.relative_max * largest * top {
                    return Err(fail(format!("element {i}: expected {want} of 1, got {got} of {top}")));
                }
            }
        }
    }
    Ok(())
}

/// The operator on values that lie in memory as halves, as `f16` and two in a word, with every variant of its kernels.
fn halves(case: &Case, exact: &[Tensor], others: &[(String, Target)]) -> Result<(), Failed> {
    let dtypes: Vec<DType> = exact.iter().map(Tensor::dtype).collect();
    let is_float = |t: &Tensor| t.dtype() == DType::F32;
    if !case.inputs.iter().flatten().chain(exact).any(is_float) {
        return Ok(());
    }
    // The reference gets what 16 bits hold.
    let mut rounded = case.clone();
    for (i, tensor) in rounded.inputs.iter_mut().enumerate() {
        if let Some(t) = tensor.as_mut().filter(|t| is_float(t) && !case.constant.get(i).copied().unwrap_or(false)) {
            *t = t.cast(DType::F16)?.cast(DType::F32)?;
        }
    }
    let (graph, inputs) = case_graph(&rounded);
    let want = interpreter::run(&graph, &inputs).map_err(|e| e.to_string())?;
    let (graph, inputs) = wrapped_case_graph(case, &dtypes);
    let engine = unfused_engine()?;
    let native = engine.target().native_f16;
    let forms = [("halves in words", false), ("halves as f16", true)].into_iter().filter(|(_, f16)| native || !f16);
    for (form, native_f16) in forms {
        let default = ("default".to_owned(), engine.target());
        // The other variants in the form that is rarer on real devices but harder to write.
        for (name, target) in others.iter().filter(|_| !native_f16).chain([&default]) {
            let precision = Precision::F16;
            let choices = target.choices.iter().map(|(k, v)| (format!("{k} f16"), v.clone())).collect();
            let target = Target { precision, native_f16, choices: Arc::new(choices), ..target.clone() };
            let got = Session::for_target(&engine, graph.clone(), target)?.run(&inputs)?;
            // Where something does not fit 16 bits, it is the exact result that comes.
            let fail = |e: String| Failed::from(format!("{form}, {name}: {e}"));
            close(name, &got, &want).or_else(|e| close(name, &got, exact).map_err(|_| e)).map_err(fail)?;
        }
    }
    Ok(())
}

/// Within what rounding a float to 16 bits changes.
fn close(variant: &str, got: &[Tensor], want: &[Tensor]) -> Result<(), String> {
    for (i, (got, want)) in got.iter().zip(want).enumerate() {
        let tolerance = if want.dtype() == DType::F32 { Tolerance::F16 } else { Tolerance::of(want.dtype()) };
        compare(got, want, within(variant, tolerance)).map_err(|e| format!("output {i}: {e}"))?;
    }
    Ok(())
}

/// The tolerance of a kernel variant: those with cooperative matrices round their operands, those in halves sums as well.
fn within(variant: &str, of_the_dtype: Tolerance) -> Tolerance {
    match variant {
        name if name.starts_with("winograd") && name.contains("coop") => Tolerance::F16_TRANSFORMED,
        name if name.contains("coop") => Tolerance::F16_OPERANDS,
        name if name.contains("half ") => Tolerance::F16_SUMS,
        _ => of_the_dtype,
    }
}

fn agree(got: &[Tensor], want: &[Tensor]) -> Result<(), Failed> {
    agree_within(got, want, |t| Tolerance::of(t.dtype()))
}

fn agree_within(got: &[Tensor], want: &[Tensor], tolerance: impl Fn(&Tensor) -> Tolerance) -> Result<(), Failed> {
    for (i, (got, want)) in got.iter().zip(want).enumerate() {
        compare(got, want, tolerance(want)).map_err(|e| format!("output {i}: {e}"))?;
    }
    if got.len() != want.len() {
        return Err(format!("{} outputs, expected {}", got.len(), want.len()).into());
    }
    Ok(())
}
