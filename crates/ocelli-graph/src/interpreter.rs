//! Runs a graph with the naive references alone: the oracle of the tests, and what folds constants.

use ocelli_tensor::Tensor;

use crate::{Graph, InferCx, Node, OpError, Operator, TensorType};

/// An error of one node.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("node `{node}` ({op}): {source}{}", if shapes.is_empty() { String::new() } else { format!(" [inputs: {shapes}]") })]
pub struct NodeError {
    /// ONNX name of the node.
    pub node: String,
    /// Operator name.
    pub op: &'static str,
    /// Types of its inputs.
    pub shapes: String,
    /// What went wrong.
    pub source: OpError,
}

impl NodeError {
    /// The error of `node`, whose inputs have these types.
    pub fn new(node: &Node, inputs: &[Option<TensorType>], source: OpError) -> NodeError {
        let shapes: Vec<String> =
            inputs.iter().map(|t| t.as_ref().map_or("_".to_owned(), ToString::to_string)).collect();
        NodeError { node: node.name.clone(), op: node.op.name(), shapes: shapes.join(", "), source }
    }
}

/// Infers and evaluates one node on host tensors; the results are checked against the inferred types.
pub fn run_node(node: &Node, inputs: &[Option<Tensor>]) -> Result<Vec<Tensor>, NodeError> {
    let types: Vec<Option<TensorType>> =
        inputs.iter().map(|t| t.as_ref().map(|t| TensorType::new(t.dtype(), t.shape()))).collect();
    let constants: Vec<Option<&Tensor>> = inputs.iter().map(Option::as_ref).collect();
    let cx = InferCx { inputs: &types, constants: &constants, outputs: node.outputs.len() };
    let fail = |e| NodeError::new(node, &types, e);
    // Data-dependent operators cannot infer their shapes even here; evaluation is what tells them.
    let inferred = match node.op.infer(&cx) {
        Ok(types) => Some(types),
        Err(OpError::NeedsValue(_)) => None,
        Err(e) => return Err(fail(e)),
    };
    let outputs = node.op.evaluate(inputs, node.outputs.len()).map_err(fail)?;
    for (i, (ty, out)) in inferred.iter().flatten().zip(&outputs).enumerate() {
        if ty.dtype != out.dtype() || ty.shape != out.shape() {
            return Err(fail(OpError::invalid(format!("result {i} is {out:?}, inference said {ty}"))));
        }
    }
    if outputs.len() < node.outputs.len() {
        return Err(fail(OpError::invalid(format!("{} results, the node has {}", outputs.len(), node.outputs.len()))));
    }
    Ok(outputs)
}

/// Runs the whole graph; `inputs` are in the order of [`Graph::inputs`].
pub fn run(graph: &Graph, inputs: &[Tensor]) -> Result<Vec<Tensor>, NodeError> {
    let mut values: Vec<Option<Tensor>> = graph.values.iter().map(|v| v.constant.clone()).collect();
    for (input, tensor) in graph.inputs.iter().zip(inputs) {
        values[input.value.0 as usize] = Some(tensor.clone());
    }
    for node in &graph.nodes {
        let operands: Vec<Option<Tensor>> =
            node.inputs.iter().map(|id| id.and_then(|id| values[id.0 as usize].clone())).collect();
        let results = run_node(node, &operands)?;
        for (id, result) in node.outputs.iter().zip(results) {
            if let Some(id) = id {
                values[id.0 as usize] = Some(result);
            }
        }
    }
    Ok(graph.outputs.iter().filter_map(|id| values[id.0 as usize].clone()).collect())
}
