//! Every case of every operator on the device, against the naive reference.

use std::collections::BTreeSet;
use std::sync::Arc;

use libtest_mimic::{Arguments, Failed, Trial};
use ocelli_graph::plan::Target;
use ocelli_graph::{Case, OpError, Operator, interpreter};
use ocelli_runtime::Session;
use ocelli_tensor::Tensor;
use ocelli_testing::{Tolerance, case_graph, checked_engine, compare, engine};

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
    let gpu = Target { software: false, allow_f16: target.cooperative.is_some(), ..target.clone() };
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
    if others.len() == 1 {
        return Ok(());
    }
    for (name, target) in others {
        let got = Session::for_target(&engine, graph.clone(), target)?.run(&inputs)?;
        let tolerance = |t: &Tensor| match &name[..] {
            name if name.starts_with("winograd43 coop") => Tolerance::F16_TRANSFORMED,
            name if name.contains("coop") => Tolerance::F16_OPERANDS,
            _ => Tolerance::of(t.dtype()),
        };
        agree_within(&got, &want, tolerance).map_err(|e| format!("{name}: {}", e.message().unwrap_or_default()))?;
    }
    Ok(())
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
