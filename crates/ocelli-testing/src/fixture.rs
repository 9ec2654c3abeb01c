use std::path::PathBuf;
use std::sync::OnceLock;

use ocelli_graph::{Case, Graph};
use ocelli_runtime::{Engine, EngineOptions, RuntimeError};
use ocelli_tensor::{Dim, Tensor};

/// The engine that the tests of one process share: the adapter that `OCELLI_DEVICE` names, or the default. A machine
/// without any adapter is an error, never a pass.
pub fn engine() -> Result<Engine, RuntimeError> {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    shared(&ENGINE, false)
}

/// [`engine`] with bounds checks in every kernel.
pub fn checked_engine() -> Result<Engine, RuntimeError> {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    shared(&ENGINE, true)
}

fn shared(place: &OnceLock<Engine>, check_bounds: bool) -> Result<Engine, RuntimeError> {
    if let Some(engine) = place.get() {
        return Ok(engine.clone());
    }
    let device = std::env::var("OCELLI_DEVICE").ok();
    let options = EngineOptions { device, check_bounds, ..EngineOptions::default() };
    let engine = pollster::block_on(Engine::with_options(&options))?;
    Ok(place.get_or_init(|| engine).clone())
}

/// The folder of the shared test data (`OCELLI_TEST_DATA`, else `../shared` beside the repository), or `None` after
/// saying on stderr what is skipped.
pub fn test_data(what: &str) -> Option<PathBuf> {
    let root = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    let folder = std::env::var_os("OCELLI_TEST_DATA").map_or_else(|| root.join("../shared"), PathBuf::from);
    if folder.join("models").is_dir() {
        return Some(folder);
    }
    eprintln!("SKIPPED: {what}: no test data at {} (set OCELLI_TEST_DATA)", folder.display());
    None
}

/// The graph of a case and the tensors of its graph inputs.
pub fn case_graph(case: &Case) -> (Graph, Vec<Tensor>) {
    let mut graph = Graph { name: case.name.clone(), ..Graph::default() };
    let mut tensors = Vec::new();
    let mut operands = Vec::new();
    for (i, tensor) in case.inputs.iter().enumerate() {
        operands.push(tensor.as_ref().map(|t| {
            if case.constant.get(i).copied().unwrap_or(false) {
                return graph.add_constant(format!("c{i}"), t.clone());
            }
            tensors.push(t.clone());
            graph.add_input(format!("x{i}"), t.dtype(), Some(t.shape().iter().map(|&d| Dim::Fixed(d)).collect()))
        }));
    }
    graph.outputs = graph.add_node("node", case.op.clone(), &operands, case.outputs);
    (graph, tensors)
}
