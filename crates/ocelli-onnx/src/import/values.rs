//! Values that the file gives: weights and inputs.

use ocelli_tensor::{DType, Tensor};

use super::Importer;
use super::types::{TypeProblem, input_type};
use crate::ImportError;
use crate::error::Unsupported;
use crate::proto::{GraphProto, ValueInfoProto, data_type, type_proto};
use crate::tensor::densify;

impl Importer {
    pub(super) fn initializers(&mut self, proto: &GraphProto) -> Result<(), ImportError> {
        for (i, tensor) in proto.initializer.iter().enumerate() {
            let value = self.tensors.read(tensor, &format!("initializer {i}"));
            self.constant(&tensor.name, value)?;
            if data_type::is_narrow(tensor.data_type) {
                self.mark_narrow(&tensor.name)?;
            }
        }
        for (i, sparse) in proto.sparse_initializer.iter().enumerate() {
            let named = densify(&mut self.tensors, sparse, &format!("sparse initializer {i}"));
            let name = sparse.values.as_ref().map(|v| v.name.clone()).unwrap_or_default();
            self.constant(&name, named.map(|(_, tensor)| tensor))?;
        }
        Ok(())
    }

    fn constant(&mut self, name: &str, value: Result<Tensor, ImportError>) -> Result<(), ImportError> {
        let value = match value {
            Ok(tensor) => Some(tensor),
            Err(error) => {
                self.note(error)?;
                None
            }
        };
        if name.is_empty() {
            return Err(ImportError::Invalid("an initializer without a name".to_owned()));
        }
        let level = self.level()?;
        if level.scope.contains_key(name) {
            return Err(ImportError::Invalid(format!("initializer '{name}' is defined twice")));
        }
        let id = match value {
            Some(tensor) => level.graph.add_constant(name, tensor),
            None => {
                let id = level.graph.add_value(name);
                level.broken.insert(id);
                id
            }
        };
        level.scope.insert(name.to_owned(), id);
        Ok(())
    }

    /// Adds a graph input, unless an initializer of that name gives it a value.
    pub(super) fn input(&mut self, info: &ValueInfoProto, nested: bool) -> Result<(), ImportError> {
        let name = &info.name;
        if name.is_empty() {
            return Err(ImportError::Invalid("a graph input without a name".to_owned()));
        }
        if let Some(&id) = self.level()?.scope.get(name) {
            let level = self.level()?;
            if level.graph.constant(id).is_some() && !level.input_index.contains_key(&id) {
                return Ok(());
            }
            return Err(ImportError::Invalid(format!("graph input '{name}' is defined twice")));
        }
        let ty = match &info.r#type {
            None if nested => None,
            None => {
                return Err(ImportError::Invalid(format!("graph input '{name}' has no type")));
            }
            Some(ty) => match input_type(ty) {
                Ok(ty) => Some(ty),
                Err(TypeProblem::Unsupported(what)) => {
                    self.note(ImportError::Unsupported(vec![Unsupported {
                        domain: String::new(),
                        op: String::new(),
                        detail: format!("an input of {what}"),
                        nodes: vec![name.clone()],
                    }]))?;
                    None
                }
                Err(TypeProblem::Missing) if nested => None,
                Err(TypeProblem::Missing) => {
                    return Err(ImportError::Invalid(format!("graph input '{name}' has no element type")));
                }
                Err(TypeProblem::Invalid(what)) => {
                    return Err(ImportError::Invalid(format!("graph input '{name}': {what}")));
                }
            },
        };
        let level = self.level()?;
        let known = ty.as_ref().map(|(dtype, _)| *dtype);
        let exists = ty.is_some() || nested;
        // The type of a body's input is that of the value which the node feeds it.
        let (dtype, dims) = ty.unwrap_or((DType::F32, None));
        let id = level.graph.add_input(name.clone(), dtype, dims);
        level.input_index.insert(id, level.graph.inputs.len() - 1);
        level.dtypes.extend(known.map(|dtype| (id, dtype)));
        if !exists {
            level.broken.insert(id);
        }
        level.scope.insert(name.clone(), id);
        if let Some(type_proto::Value::Tensor(t)) = info.r#type.as_ref().and_then(|t| t.value.as_ref())
            && data_type::is_narrow(t.elem_type)
        {
            self.mark_narrow(name)?;
        }
        Ok(())
    }

    /// Remembers that a value holds integers of 4 or 2 bits.
    fn mark_narrow(&mut self, name: &str) -> Result<(), ImportError> {
        let level = self.level()?;
        level.narrow.extend(level.scope.get(name));
        Ok(())
    }
}
