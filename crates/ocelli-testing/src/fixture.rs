use std::path::PathBuf;
use std::sync::OnceLock;

use ocelli_graph::ops::binary::{Binary, BinaryKind};
use ocelli_graph::{Case, Graph, Op, ValueId, passes};
use ocelli_runtime::{Engine, EngineOptions, RuntimeError};
use ocelli_tensor::{DType, Dim, Tensor};

/// The engine that the tests of one process share: the adapter that `OCELLI_DEVICE` names, or the default. A machine
/// without any adapter is an error, never a pass.
pub fn engine() -> Result<Engine, RuntimeError> {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    shared(&ENGINE, EngineOptions::default())
}

/// [`engine`] without any fusion, so that every node of a graph keeps its own result.
pub fn unfused_engine() -> Result<Engine, RuntimeError> {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    shared(&ENGINE, EngineOptions { passes: passes::Options::without("fusion"), ..EngineOptions::default() })
}

/// [`engine`] with bounds checks in every kernel.
pub fn checked_engine() -> Result<Engine, RuntimeError> {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    shared(&ENGINE, EngineOptions { check_bounds: true, ..EngineOptions::default() })
}

fn shared(place: &OnceLock<Engine>, options: EngineOptions) -> Result<Engine, RuntimeError> {
    if let Some(engine) = place.get() {
        return Ok(engine.clone());
    }
    let options = EngineOptions { device: std::env::var("OCELLI_DEVICE").ok(), ..options };
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
    build(case, &mut |_, id, _| id)
}

/// [`case_graph`] with a node behind every input and output of 32-bit floats, which adds a zero that is only known when the
/// graph runs: all that the operator reads and writes are results of nodes. `outputs` are the dtypes of its results.
pub fn wrapped_case_graph(case: &Case, outputs: &[DType]) -> (Graph, Vec<Tensor>) {
    let mut zero = None;
    let mut wrap = |graph: &mut Graph, id: ValueId, dtype: DType| {
        if dtype != DType::F32 {
            return id;
        }
        let zero = *zero.get_or_insert_with(|| graph.add_input("zero", DType::F32, Some(Vec::new())));
        let add = Op::Binary(Binary { kind: BinaryKind::Add });
        graph.add_node(&format!("wrap{}", id.0), add, &[Some(id), Some(zero)], 1)[0]
    };
    let (mut graph, mut tensors) = build(case, &mut wrap);
    let results = graph.outputs.clone();
    graph.outputs = results.iter().zip(outputs).map(|(&id, &dtype)| wrap(&mut graph, id, dtype)).collect();
    // The zero is an input wherever it was first needed.
    if let Some(at) = graph.inputs.iter().position(|i| graph.value(i.value).name == "zero") {
        tensors.insert(at, Tensor::scalar(0.0f32));
    }
    (graph, tensors)
}

/// The graph of a case; `wrap` gives what the operator reads instead of a graph input.
fn build(case: &Case, wrap: &mut dyn FnMut(&mut Graph, ValueId, DType) -> ValueId) -> (Graph, Vec<Tensor>) {
    let mut graph = Graph { name: case.name.clone(), ..Graph::default() };
    let mut tensors = Vec::new();
    let mut operands = Vec::new();
    for (i, tensor) in case.inputs.iter().enumerate() {
        operands.push(tensor.as_ref().map(|t| {
            if case.constant.get(i).copied().unwrap_or(false) {
                return graph.add_constant(format!("c{i}"), t.clone());
            }
            tensors.push(t.clone());
            let dims = t.shape().iter().map(|&d| Dim::Fixed(d)).collect();
            let id = graph.add_input(format!("x{i}"), t.dtype(), Some(dims));
            wrap(&mut graph, id, t.dtype())
        }));
    }
    graph.outputs = graph.add_node("node", case.op.clone(), &operands, case.outputs);
    (graph, tensors)
}
