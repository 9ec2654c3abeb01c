//! What the conversion of one node sees, and how it adds operators to the graph.

use std::sync::Arc;

use ocelli_graph::{Node, Op, ValueId};
use ocelli_tensor::{DType, Dim, Tensor};

use crate::attributes::{Attributes, type_of};
use crate::error::Unsupported;
use crate::import::{Body, Importer};
use crate::opset::Opsets;
use crate::proto::{NodeProto, attribute_type, data_type};
use crate::tensor::TensorReader;
use crate::{ImportError, NodeRef};

/// One node under conversion.
pub struct NodeCx<'a> {
    pub(crate) importer: &'a mut Importer,
    pub(crate) opsets: Arc<Opsets>,
    pub(crate) proto: &'a NodeProto,
    pub(crate) at: &'a NodeRef,
    /// Version of the operator set that the node is written against.
    pub version: i64,
    pub(crate) inputs: Vec<Option<ValueId>>,
    pub(crate) outputs: Vec<Option<ValueId>>,
    pub(crate) parts: usize,
}

/// Result of a conversion.
pub type Converted = Result<(), ImportError>;

impl<'a> NodeCx<'a> {
    /// The attributes.
    pub fn attributes(&self) -> Attributes<'a> {
        Attributes::new(self.proto, self.at)
    }

    /// Name of the node.
    pub fn name(&self) -> &'a str {
        &self.at.name
    }

    /// The reader of the model's tensors.
    pub fn tensors(&mut self) -> &mut TensorReader {
        &mut self.importer.tensors
    }

    /// An error about this node.
    pub fn invalid(&self, problem: impl Into<String>) -> ImportError {
        ImportError::Node { node: self.at.clone(), problem: problem.into() }
    }

    /// Says that this form of the operator cannot be run; `detail` completes "not supported: Resize with ...".
    pub fn unsupported(&self, detail: impl Into<String>) -> ImportError {
        ImportError::Unsupported(vec![Unsupported {
            domain: String::new(),
            op: String::new(),
            detail: detail.into(),
            nodes: Vec::new(),
        }])
    }

    /// Input `i`; `None` when it is left out.
    pub fn optional(&self, i: usize) -> Option<ValueId> {
        self.inputs.get(i).copied().flatten()
    }

    /// Input `i`, which must be there.
    pub fn input(&self, i: usize) -> Result<ValueId, ImportError> {
        self.optional(i).ok_or_else(|| self.invalid(format!("input {i} is missing ({} given)", self.inputs.len())))
    }

    /// The value of input `i` if it is a constant of the model.
    pub fn constant_input(&self, i: usize) -> Option<&Tensor> {
        self.importer.levels.last()?.graph.constant(self.optional(i)?)
    }

    /// Dimension `axis` of input `i`, where that is a constant or an input of the graph and the model says.
    pub fn declared_dim(&self, i: usize, axis: usize) -> Option<usize> {
        if let Some(tensor) = self.constant_input(i) {
            return tensor.shape().get(axis).copied();
        }
        match self.declared_dims(i)?.get(axis)? {
            Dim::Fixed(n) => Some(*n),
            _ => None,
        }
    }

    /// Rank of input `i`, where that is a constant or an input of the graph and the model says.
    pub fn declared_rank(&self, i: usize) -> Option<usize> {
        match self.constant_input(i) {
            Some(tensor) => Some(tensor.rank()),
            None => self.declared_dims(i).map(<[Dim]>::len),
        }
    }

    fn declared_dims(&self, i: usize) -> Option<&[Dim]> {
        let level = self.importer.levels.last()?;
        let at = *level.input_index.get(&self.optional(i)?)?;
        level.graph.inputs.get(at)?.dims.as_deref()
    }

    /// Element type of input `i`, where that is a constant or the model declares it.
    pub fn declared_dtype(&self, i: usize) -> Option<DType> {
        if let Some(tensor) = self.constant_input(i) {
            return Some(tensor.dtype());
        }
        let level = self.importer.levels.last()?;
        level.dtypes.get(&self.optional(i)?).copied()
    }

    /// Whether input `i` holds integers of 4 or 2 bits, unpacked to 8.
    pub fn is_narrow(&self, i: usize) -> bool {
        let narrow = |id| self.importer.levels.last().is_some_and(|l| l.narrow.contains(&id));
        self.optional(i).is_some_and(narrow)
    }

    /// The elements of a sequence; `None` when the value is not one.
    pub fn sequence(&self, id: ValueId) -> Option<Vec<ValueId>> {
        self.importer.levels.last()?.sequences.get(&id).cloned()
    }

    /// Makes output 0 a sequence.
    pub fn push_sequence(&mut self, items: Vec<ValueId>) -> Converted {
        if let Some(id) = self.outputs.first().copied().flatten() {
            self.importer.level()?.sequences.insert(id, items);
        }
        Ok(())
    }

    /// Remembers that output 0 holds integers of 4 or 2 bits.
    pub fn mark_narrow(&mut self) -> Converted {
        let output = self.outputs.first().copied().flatten();
        self.importer.level()?.narrow.extend(output);
        Ok(())
    }

    /// Whether the node has an output `i` that somebody may read.
    pub fn has_output(&self, i: usize) -> bool {
        self.outputs.get(i).copied().flatten().is_some()
    }

    /// Adds `op` with all inputs and outputs of the node.
    pub fn push(&mut self, op: impl Into<Op>) -> Converted {
        let inputs = std::mem::take(&mut self.inputs);
        self.push_with(op, inputs)
    }

    /// Adds `op` with other inputs and the outputs of the node.
    pub fn push_with(&mut self, op: impl Into<Op>, mut inputs: Vec<Option<ValueId>>) -> Converted {
        while inputs.last() == Some(&None) {
            inputs.pop();
        }
        let node =
            Node { name: self.at.name.clone(), op: op.into(), inputs, outputs: std::mem::take(&mut self.outputs) };
        self.importer.level()?.graph.nodes.push(node);
        Ok(())
    }

    /// Adds `op` as an intermediate step and returns its only result.
    pub fn emit(&mut self, op: impl Into<Op>, inputs: &[ValueId]) -> Result<ValueId, ImportError> {
        let inputs: Vec<Option<ValueId>> = inputs.iter().map(|&v| Some(v)).collect();
        let ids = self.emit_many(op, &inputs, 1)?;
        ids.first().copied().ok_or_else(|| self.invalid("no result"))
    }

    /// Adds `op` as an intermediate step with several results.
    pub fn emit_many(
        &mut self,
        op: impl Into<Op>,
        inputs: &[Option<ValueId>],
        outputs: usize,
    ) -> Result<Vec<ValueId>, ImportError> {
        let name = self.part_name();
        Ok(self.importer.level()?.graph.add_node(&name, op.into(), inputs, outputs))
    }

    /// A constant.
    pub fn constant(&mut self, tensor: Tensor) -> Result<ValueId, ImportError> {
        let name = self.part_name();
        Ok(self.importer.level()?.graph.add_constant(name, tensor))
    }

    /// A vector of `i64`, as shapes and axes are given.
    pub fn i64s(&mut self, values: &[i64]) -> Result<ValueId, ImportError> {
        self.constant(Tensor::vector(values.to_vec()))
    }

    /// A constant as the node's only output.
    pub fn push_constant(&mut self, tensor: Tensor) -> Converted {
        if let Some(id) = self.outputs.first().copied().flatten() {
            self.importer.level()?.graph.set_constant(id, tensor);
        }
        Ok(())
    }

    /// A dtype given by its number (or, in the oldest files, by its name); `None` when not given or 0.
    pub fn dtype_attribute(&self, name: &str) -> Result<Option<DType>, ImportError> {
        let attributes = self.attributes();
        let number = match attributes.raw(name) {
            None => return Ok(None),
            Some(a) if type_of(a) == attribute_type::STRING => {
                let text = attributes.string(name)?.unwrap_or_default();
                data_type::from_name(text)
                    .ok_or_else(|| attributes.error(name, format!("expected the name of a type, got '{text}'")))?
            }
            Some(_) => attributes.required_int(name)?,
        };
        match (number, data_type::dtype(number)) {
            (0, _) => Ok(None),
            (21 | 22 | 25 | 26, _) | (1..=26, None) => {
                Err(self.unsupported(format!("{name} {}", data_type::name(number))))
            }
            (_, Some(dtype)) => Ok(Some(dtype)),
            (_, None) => Err(attributes.error(name, format!("unknown data type {number}"))),
        }
    }

    /// Reads a tensor attribute.
    pub fn tensor(&mut self, name: &str) -> Result<Option<Tensor>, ImportError> {
        let Some(proto) = self.attributes().tensor(name)? else {
            return Ok(None);
        };
        self.importer.tensors.read(proto, &format!("{} of {}", name, self.at.name)).map(Some)
    }

    /// Imports a graph attribute.
    pub fn body(&mut self, name: &str) -> Result<Body, ImportError> {
        let proto = self.attributes().required_graph(name)?;
        let opsets = Arc::clone(&self.opsets);
        self.importer.body(proto, &opsets)
    }

    /// A name for a part of this node: `conv1/1`, `conv1/2`.
    pub(crate) fn part_name(&mut self) -> String {
        self.parts += 1;
        format!("{}/{}", self.at.name, self.parts)
    }
}
