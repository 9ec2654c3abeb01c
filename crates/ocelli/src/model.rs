use std::path::Path;

use ocelli_graph::{Graph, TensorType};
use ocelli_onnx::Imported;
use ocelli_runtime::{Engine, Precision, Session};
use ocelli_tensor::Dim;

use crate::Error;

/// An imported model.
#[derive(Clone, Debug)]
pub struct Model {
    imported: Imported,
}

impl Model {
    /// Reads an ONNX file. Errors name every operator that is not supported.
    pub fn open(path: impl AsRef<Path>) -> Result<Model, Error> {
        Ok(Model { imported: ocelli_onnx::read_file(path)? })
    }

    /// Reads an ONNX model from bytes; one that needs external files is refused.
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Model, Error> {
        Ok(Model { imported: ocelli_onnx::read_bytes(bytes, None)? })
    }

    /// The graph.
    pub fn graph(&self) -> &Graph {
        &self.imported.graph
    }

    /// The model's own facts: opsets, producer, properties.
    pub fn imported(&self) -> &Imported {
        &self.imported
    }

    /// A session on `engine` that computes in `precision`, whatever the engine's options say.
    pub fn session_with(&self, engine: &Engine, precision: Precision) -> Result<Session, Error> {
        Ok(Session::with_precision(engine, self.imported.graph.clone(), precision)?)
    }

    /// A session on `engine`. Plans are made at the first run of each input shape.
    pub fn session(&self, engine: &Engine) -> Result<Session, Error> {
        Ok(Session::new(engine, self.imported.graph.clone())?)
    }
}

/// Types of the graph's inputs with `given` shapes by name. A dimension that the model leaves open and nobody gave
/// becomes 1, or 256 for the last two of a picture; the second result says what was assumed.
pub fn concrete_types(graph: &Graph, given: &[(String, Vec<usize>)]) -> Result<(Vec<TensorType>, Vec<String>), Error> {
    let names: Vec<&str> = graph.inputs.iter().map(|i| graph.value(i.value).name.as_str()).collect();
    if let Some((unknown, _)) = given.iter().find(|(n, _)| !names.contains(&n.as_str())) {
        return Err(Error::Usage(format!("unknown input `{unknown}`; the model has [{}]", names.join(", "))));
    }
    let mut assumed = Vec::new();
    let types = graph
        .inputs
        .iter()
        .zip(&names)
        .map(|(input, name)| {
            if let Some((_, shape)) = given.iter().find(|(n, _)| n == name) {
                return TensorType::new(input.dtype, shape.clone());
            }
            let dims = input.dims.clone().unwrap_or_default();
            let rank = dims.len();
            let shape: Vec<usize> = dims
                .iter()
                .enumerate()
                .map(|(i, dim)| match dim {
                    Dim::Fixed(n) => *n,
                    open => {
                        let size = if rank == 4 && i >= 2 { 256 } else { 1 };
                        assumed.push(format!("{name}: dimension {i} ({open}) = {size}"));
                        size
                    }
                })
                .collect();
            TensorType::new(input.dtype, shape)
        })
        .collect();
    Ok((types, assumed))
}
