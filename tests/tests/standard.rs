//! The ONNX standard's node tests on the device.
//!
//! A test whose operators the importer knows must pass, unless `standard_expected_failures.txt` says why not; one that
//! is listed there and passes is an error, as is a line that applies to nothing. Operators that the importer does not
//! know must be listed there too; their tests are counted as ignored.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::{Arguments, Failed, Trial};
use ocelli_onnx::{ImportError, read_file, read_tensor_file};
use ocelli_runtime::Session;
use ocelli_tensor::{DType, Tensor};
use ocelli_testing::engine;
use ocelli_tests::{ExpectedFailures, oracle_folder, without_oracle};

const LIST: &str = include_str!("../standard_expected_failures.txt");

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    if without_oracle("the standard's node tests") {
        return libtest_mimic::run(&arguments, Vec::new()).exit_code();
    }
    let trials = match trials() {
        Ok(trials) => trials,
        Err(e) => vec![Trial::test("node_tests", move || Err(e.into()))],
    };
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn trials() -> Result<Vec<Trial>, String> {
    let list = Arc::new(ExpectedFailures::parse(LIST)?);
    let file = oracle_folder()?.join("node_tests");
    let folder = std::fs::read_to_string(&file).map_err(|e| format!("{}: {e}", file.display()))?;
    let folder = PathBuf::from(folder.trim());
    let entries = std::fs::read_dir(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let mut tests: Vec<PathBuf> = entries.flatten().map(|e| e.path()).collect();
    tests.retain(|t| t.join("model.onnx").is_file());
    tests.sort();

    let mut trials = Vec::new();
    let mut names = Vec::new();
    let mut unknown = BTreeSet::new();
    for test in tests {
        let name = test.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let missing = missing_ops(&test);
        unknown.extend(missing.iter().cloned());
        let undeclared: Vec<String> = missing.iter().filter(|m| !list.op(m)).cloned().collect();
        if missing.is_empty() {
            let list = Arc::clone(&list);
            let label = name.clone();
            trials.push(Trial::test(name.clone(), move || judge(run(&test), list.reason(&label))));
        } else if undeclared.is_empty() {
            trials.push(Trial::test(name.clone(), || Ok(())).with_ignored_flag(true));
        } else {
            trials.push(Trial::test(name.clone(), move || {
                Err(format!("not supported, and not listed: {}", undeclared.join(", ")).into())
            }));
        }
        names.push(name);
    }
    let unknown: Vec<String> = unknown.into_iter().collect();
    let stale = list.stale(&names, &unknown);
    trials.push(Trial::test("list_has_no_stale_line", move || {
        if stale.is_empty() {
            Ok(())
        } else {
            Err(format!("these lines apply to nothing: {}", stale.join(", ")).into())
        }
    }));
    Ok(trials)
}

/// What the importer says it does not know in a test's model, as the list names it.
fn missing_ops(test: &Path) -> Vec<String> {
    let Err(ImportError::Unsupported(items)) = read_file(test.join("model.onnx")) else {
        return Vec::new();
    };
    let name = |op: &str, domain: &str, detail: &str| {
        let domain = match domain {
            "" | "ai.onnx" => String::new(),
            other => format!("{other}."),
        };
        let colon = if op.is_empty() || detail.is_empty() { "" } else { ":" };
        format!("{domain}{op}{colon}{detail}").replace(char::is_whitespace, "_")
    };
    let mut ops: Vec<String> = items.iter().map(|i| name(&i.op, &i.domain, &i.detail)).collect();
    ops.sort();
    ops.dedup();
    ops
}

/// Turns a result into that of the trial: an expected failure must fail.
fn judge(result: Result<(), String>, expected: Option<&str>) -> Result<(), Failed> {
    // Random numbers may happen to pass.
    if expected.is_some_and(|reason| reason.starts_with("random")) {
        return Ok(());
    }
    match (result, expected) {
        (Ok(()), None) | (Err(_), Some(_)) => Ok(()),
        (Ok(()), Some(reason)) => Err(format!("passes, but is listed as failing ({reason}): remove the line").into()),
        (Err(e), None) => Err(e.into()),
    }
}

fn run(test: &Path) -> Result<(), String> {
    let model = read_file(test.join("model.onnx")).map_err(|e| format!("import: {e}"))?;
    let engine = engine().map_err(|e| e.to_string())?;
    let session = Session::new(&engine, model.graph).map_err(|e| e.to_string())?;
    let mut sets = 0;
    for i in 0.. {
        let data = test.join(format!("test_data_set_{i}"));
        if !data.is_dir() {
            break;
        }
        sets += 1;
        let inputs = tensors(&data, "input", session.input_names().len())?;
        let want = tensors(&data, "output", session.output_names().len())?;
        let got = session.run(&inputs).map_err(|e| e.to_string())?;
        if got.len() != want.len() {
            return Err(format!("{} outputs, expected {}", got.len(), want.len()));
        }
        for (i, (got, want)) in got.iter().zip(&want).enumerate() {
            compare(got, want).map_err(|e| format!("output {i}: {e}"))?;
        }
    }
    if sets == 0 {
        return Err("the test has no data".to_owned());
    }
    Ok(())
}

fn tensors(folder: &Path, stem: &str, count: usize) -> Result<Vec<Tensor>, String> {
    (0..count).map(|i| read_tensor_file(folder.join(format!("{stem}_{i}.pb"))).map_err(|e| e.to_string())).collect()
}

/// The standard's own rule: relative 1e-3 and a small absolute bound at every element; integers and bools exactly.
fn compare(got: &Tensor, want: &Tensor) -> Result<(), String> {
    if got.dtype() != want.dtype() || got.shape() != want.shape() {
        return Err(format!("got {got:?}, expected {want:?}"));
    }
    let (relative, absolute) = match want.dtype() {
        DType::F32 | DType::F64 => (1e-3, 1e-5),
        DType::F16 => (2e-3, 1e-4),
        DType::BF16 => (1e-2, 1e-3),
        _ => {
            let (got, want) = (got.to_i64s(), want.to_i64s());
            return match got.iter().zip(&want).position(|(g, w)| g != w) {
                Some(i) => Err(format!("element {i}: got {}, expected {}", got[i], want[i])),
                None => Ok(()),
            };
        }
    };
    for (i, (g, w)) in got.to_f64s().into_iter().zip(want.to_f64s()).enumerate() {
        let same = g == w || (g.is_nan() && w.is_nan());
        let near = (g - w).abs() <= absolute + relative * w.abs();
        if !same && !(near && g.is_finite() && w.is_finite()) {
            return Err(format!("element {i}: got {g}, expected {w}"));
        }
    }
    Ok(())
}
