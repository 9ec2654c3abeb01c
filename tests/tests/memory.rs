//! The memory that plans of real models take, against what the order of their calls needs at least.

use std::path::{Path, PathBuf};

use ocelli_graph::plan::Plan;
use ocelli_graph::{TensorType, bind, passes};
use ocelli_testing::test_data;
use ocelli_tests::{numbered, oracle_folder, targets, without_oracle};

/// What slots may waste, and in at most one plan of nineteen.
const USUAL: f64 = 1.15;
const MOST: f64 = 1.25;

#[test]
fn plans_take_little_more_than_they_must() {
    if without_oracle("memory of real models") {
        return;
    }
    let Some(data) = test_data("memory of real models") else { return };
    let mut files = Vec::new();
    find(&data.join("models"), &mut files);
    assert!(!files.is_empty(), "the test data has no model");
    let (mut planned, mut above, mut wasteful) = (0, 0, Vec::new());
    for file in files {
        let name = file.strip_prefix(data.join("models")).unwrap_or(&file).with_extension("").display().to_string();
        for (target, memory, least) in memory(&file, &name).unwrap_or_else(|e| panic!("{name}: {e}")) {
            planned += 1;
            let ratio = memory as f64 / least as f64;
            above += usize::from(ratio > USUAL);
            if ratio > MOST {
                wasteful.push(format!("{ratio:.3} {name} (target {target}): {memory} bytes, at least {least}"));
            }
        }
    }
    wasteful.sort();
    assert!(above * 19 <= planned, "{above} of {planned} plans waste more than {USUAL}");
    assert!(planned > 100, "only {planned} plans were looked at");
    assert!(wasteful.is_empty(), "{}", wasteful.join("\n"));
}

/// Per target: its index, the bytes of the largest recording, and those that it needs at least.
fn memory(file: &Path, name: &str) -> Result<Vec<(usize, u64, u64)>, String> {
    let folder = oracle_folder()?.join("models").join(name.replace(['/', '\\'], "__"));
    let inputs = numbered(&folder, "input").map_err(|e| e.to_string())?;
    let types: Vec<TensorType> = inputs.iter().map(|t| TensorType::new(t.dtype(), t.shape())).collect();
    let model = ocelli_onnx::read_file(file).map_err(|e| e.to_string())?;
    let bound = bind(&model.graph, &types).map_err(|e| e.to_string())?;
    if bound.waits_for.is_some() {
        // Planned in parts, as the data come.
        return Ok(Vec::new());
    }
    let mut graph = bound.graph;
    passes::optimize(&mut graph, &passes::Options::default()).map_err(|e| e.to_string())?;
    let mut all = Vec::new();
    for (i, target) in targets().iter().enumerate() {
        let plan = Plan::new(graph.clone(), &[], target).map_err(|e| e.to_string())?;
        let of = plan.recordings().map(|r| (i, r.memory_bytes(), r.least_memory_bytes()));
        all.extend(of.max_by_key(|(_, bytes, _)| *bytes));
    }
    Ok(all)
}

fn find(folder: &Path, files: &mut Vec<PathBuf>) {
    for path in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = path.path();
        if path.is_dir() {
            find(&path, files);
        } else if path.extension().is_some_and(|e| e == "onnx") {
            files.push(path);
        }
    }
}
