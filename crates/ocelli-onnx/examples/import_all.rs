//! Imports every `.onnx` file below the given folders and lists what cannot be.
//!
//! ```text
//! cargo run -p ocelli-onnx --example import_all -- [--run] FOLDER...
//! ```
//!
//! With `--run`, models that have a `test_data_set_0` beside them (the standard's node tests) are also bound and run by
//! the reference interpreter, and the results compared.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use ocelli_graph::{TensorType, bind, interpreter};
use ocelli_onnx::ImportError;
use ocelli_tensor::Tensor;

fn main() {
    let mut run = false;
    let mut verbose = false;
    let mut files = Vec::new();
    for argument in std::env::args().skip(1) {
        match argument.as_str() {
            "--run" => run = true,
            "--verbose" => verbose = true,
            folder => find(Path::new(folder), &mut files),
        }
    }
    files.sort();
    let mut imported = 0usize;
    let mut correct = 0usize;
    let mut missing: BTreeMap<String, usize> = BTreeMap::new();
    let mut failed: Vec<String> = Vec::new();
    for file in &files {
        let label = file.parent().and_then(Path::file_name).unwrap_or_default().to_string_lossy().into_owned();
        match ocelli_onnx::read_file(file) {
            Ok(model) => {
                imported += 1;
                if run {
                    match check(&model.graph, file) {
                        Ok(()) => correct += 1,
                        Err(e) => failed.push(format!("{label}: {e}")),
                    }
                }
            }
            Err(ImportError::Unsupported(items)) => {
                if verbose {
                    println!("{}: {}", file.display(), ImportError::Unsupported(items.clone()));
                }
                for item in items {
                    let what =
                        if item.detail.is_empty() { item.op.clone() } else { format!("{} {}", item.op, item.detail) };
                    *missing.entry(what).or_default() += 1;
                }
            }
            Err(e) => failed.push(format!("{}: {e}", file.display())),
        }
    }
    println!("{imported} of {} models import", files.len());
    if run {
        println!("{correct} of them give the expected results");
    }
    let mut missing: Vec<_> = missing.into_iter().collect();
    missing.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    for (what, models) in missing {
        println!("{models:5} not supported: {what}");
    }
    for line in failed {
        println!("FAILED {line}");
    }
}

fn find(path: &Path, files: &mut Vec<PathBuf>) {
    if path.is_dir() {
        let mut entries: Vec<PathBuf> =
            std::fs::read_dir(path).into_iter().flatten().flatten().map(|e| e.path()).collect();
        entries.sort();
        for entry in entries {
            find(&entry, files);
        }
    } else if path.extension().is_some_and(|e| e == "onnx") {
        files.push(path.to_path_buf());
    }
}

fn check(graph: &ocelli_graph::Graph, file: &Path) -> Result<(), String> {
    let data = file.parent().unwrap_or(Path::new(".")).join("test_data_set_0");
    let mut inputs = Vec::new();
    for i in 0..graph.inputs.len() {
        inputs.push(ocelli_onnx::read_tensor_file(data.join(format!("input_{i}.pb"))).map_err(|e| e.to_string())?);
    }
    let types: Vec<TensorType> = inputs.iter().map(|t| TensorType::new(t.dtype(), t.shape())).collect();
    bind(graph, &types).map_err(|e| format!("bind: {e}"))?;
    let outputs = interpreter::run(graph, &inputs).map_err(|e| e.to_string())?;
    for (i, got) in outputs.iter().enumerate() {
        let expected = ocelli_onnx::read_tensor_file(data.join(format!("output_{i}.pb"))).map_err(|e| e.to_string())?;
        compare(got, &expected).map_err(|e| format!("output {i}: {e}"))?;
    }
    Ok(())
}

fn compare(got: &Tensor, expected: &Tensor) -> Result<(), String> {
    if got.dtype() != expected.dtype() || got.shape() != expected.shape() {
        return Err(format!("expected {expected:?}, got {got:?}"));
    }
    for (i, (a, b)) in got.to_f64s().iter().zip(expected.to_f64s()).enumerate() {
        let same = (a.is_nan() && b.is_nan()) || *a == b || (a - b).abs() <= 1e-3 * b.abs().max(1.0);
        if !same {
            return Err(format!("element {i}: expected {b}, got {a}"));
        }
    }
    Ok(())
}
