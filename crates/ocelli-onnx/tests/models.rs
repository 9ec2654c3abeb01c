//! Every model of the test data imports, with its inputs, outputs and names.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};

use ocelli_tensor::Dim;

fn models() -> Option<PathBuf> {
    let root = std::env::var_os("OCELLI_TEST_DATA")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"), PathBuf::from);
    let models = root.join("models");
    if models.is_dir() {
        return Some(models);
    }
    eprintln!("SKIPPED: no test data at {}; set OCELLI_TEST_DATA", models.display());
    None
}

fn find(folder: &Path, files: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    entries.sort();
    for entry in entries {
        if entry.is_dir() {
            find(&entry, files);
        } else if entry.extension().is_some_and(|e| e == "onnx") {
            files.push(entry);
        }
    }
}

#[test]
fn all_of_them_import() {
    let Some(folder) = models() else { return };
    let mut files = Vec::new();
    find(&folder, &mut files);
    assert!(files.len() >= 116, "only {} models found", files.len());
    let mut failures = Vec::new();
    for file in &files {
        match ocelli_onnx::read_file(file) {
            Err(e) => failures.push(format!("{}: {e}", file.display())),
            Ok(model) => {
                if model.graph.inputs.is_empty() || model.graph.outputs.is_empty() {
                    failures.push(format!("{}: no inputs or no outputs", file.display()));
                }
                let mut names: Vec<&str> = model.graph.nodes.iter().map(|n| n.name.as_str()).collect();
                let nodes = names.len();
                names.sort_unstable();
                names.dedup();
                if names.len() != nodes || names.contains(&"") {
                    failures.push(format!("{}: node names that are empty or not unique", file.display()));
                }
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn what_a_model_says_about_itself() {
    let Some(folder) = models() else { return };
    let model = ocelli_onnx::read_file(folder.join("espcn-ort/pytorch_super_resolution.onnx")).unwrap();
    assert_eq!(model.ir_version, 8);
    assert_eq!(model.opset[""], 15);
    assert!(!model.producer.is_empty());
    let graph = &model.graph;
    let input = &graph.inputs[0];
    assert_eq!(graph.inputs.len(), 1, "the weights are not inputs");
    assert!(matches!(input.dims.as_ref().unwrap()[0], Dim::Symbol(_)), "{:?}", input.dims);
    let initializers: Vec<&str> =
        graph.values.iter().filter(|v| v.constant.is_some()).map(|v| v.name.as_str()).collect();
    assert!(initializers.len() >= 8, "{initializers:?}");
}
