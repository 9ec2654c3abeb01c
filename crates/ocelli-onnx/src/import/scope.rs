//! Names across nested graphs: a body captures what it reads from the graphs around it.

use std::sync::Arc;

use ocelli_graph::ValueId;
use ocelli_tensor::DType;

use super::{Body, Importer};
use crate::ImportError;
use crate::opset::Opsets;
use crate::proto::GraphProto;

impl Importer {
    /// The value of a name in the innermost graph; names of the graphs around it are captured.
    pub(crate) fn resolve(&mut self, name: &str) -> Result<Option<ValueId>, ImportError> {
        let Some(found) = (0..self.levels.len()).rev().find_map(|depth| {
            let id = *self.levels.get(depth)?.scope.get(name)?;
            Some((depth, id))
        }) else {
            return Ok(None);
        };
        let (mut depth, mut id) = found;
        while depth + 1 < self.levels.len() {
            id = self.capture(depth, id)?;
            depth += 1;
            if let Some(level) = self.levels.get_mut(depth) {
                level.scope.insert(name.to_owned(), id);
            }
        }
        Ok(Some(id))
    }

    /// The value in the level below `depth` that stands for a value of that level.
    fn capture(&mut self, depth: usize, id: ValueId) -> Result<ValueId, ImportError> {
        let (outer, inner) = match self.levels.get_mut(depth..) {
            Some([outer, inner, ..]) => (outer, inner),
            _ => return Err(ImportError::Invalid("no graph".to_owned())),
        };
        let value = outer.graph.value(id).clone();
        if let Some(tensor) = value.constant {
            let copy = inner.graph.add_constant(value.name, tensor);
            if outer.narrow.contains(&id) {
                inner.narrow.insert(copy);
            }
            return Ok(copy);
        }
        if let Some(&known) = inner.captured.get(&id) {
            return Ok(known);
        }
        let copy = inner.graph.add_value(value.name);
        if outer.broken.contains(&id) {
            inner.broken.insert(copy);
        }
        if let Some(dtype) = outer.dtypes.get(&id) {
            inner.dtypes.insert(copy, *dtype);
        }
        let Some(items) = outer.sequences.get(&id).cloned() else {
            inner.captures.push((id, copy));
            inner.captured.insert(id, copy);
            return Ok(copy);
        };
        let mut captured = Vec::with_capacity(items.len());
        for item in items {
            captured.push(self.capture(depth, item)?);
        }
        if let Some(inner) = self.levels.get_mut(depth + 1) {
            inner.sequences.insert(copy, captured);
        }
        Ok(copy)
    }

    /// Imports the body of a control-flow node.
    pub(crate) fn body(&mut self, proto: &GraphProto, opsets: &Arc<Opsets>) -> Result<Body, ImportError> {
        let level = self.graph(proto, opsets)?;
        let mut graph = level.graph;
        let mut captures = Vec::with_capacity(level.captures.len());
        for (outer, inner) in level.captures {
            captures.push(outer);
            graph.inputs.push(ocelli_graph::GraphInput { value: inner, dtype: DType::F32, dims: None });
        }
        Ok(Body { graph, captures })
    }
}
