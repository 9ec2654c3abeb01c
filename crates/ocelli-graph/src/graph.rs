use std::collections::BTreeSet;
use std::fmt;

use ocelli_tensor::{DType, Dim, Tensor, format_shape};

use crate::Op;

/// Index of a value in its graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ValueId(pub u32);

/// Index of a node in its graph; nodes are in topological order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(pub u32);

/// Dtype and concrete shape.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TensorType {
    /// Element type.
    pub dtype: DType,
    /// Dimensions, outermost first.
    pub shape: Vec<usize>,
}

impl TensorType {
    /// A type of this dtype and shape.
    pub fn new(dtype: DType, shape: impl Into<Vec<usize>>) -> TensorType {
        TensorType { dtype, shape: shape.into() }
    }

    /// Number of elements (saturating).
    pub fn elems(&self) -> usize {
        self.shape.iter().fold(1usize, |n, &d| n.saturating_mul(d))
    }

    /// Number of dimensions.
    pub fn rank(&self) -> usize {
        self.shape.len()
    }
}

impl fmt::Display for TensorType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.dtype, format_shape(&self.shape))
    }
}

/// A tensor of the graph.
#[derive(Clone, Debug, PartialEq)]
pub struct Value {
    /// ONNX name.
    pub name: String,
    /// Type, known after binding.
    pub ty: Option<TensorType>,
    /// Data, for weights and everything that folded to a constant.
    pub constant: Option<Tensor>,
}

/// An operator applied to values. `None` marks an omitted optional input or output.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// ONNX name; after fusion, that of the node that does most of the work.
    pub name: String,
    /// What it computes.
    pub op: Op,
    /// Operands in the order of the standard.
    pub inputs: Vec<Option<ValueId>>,
    /// Results in the order of the standard.
    pub outputs: Vec<Option<ValueId>>,
}

/// An input of the graph, with dimensions that may be symbolic.
#[derive(Clone, Debug, PartialEq)]
pub struct GraphInput {
    /// The value that it defines.
    pub value: ValueId,
    /// Element type.
    pub dtype: DType,
    /// Dimensions, or `None` when the model leaves even the rank open.
    pub dims: Option<Vec<Dim>>,
}

/// A graph in SSA form.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Graph {
    /// Name of the model's graph.
    pub name: String,
    /// All values, indexed by [`ValueId`].
    pub values: Vec<Value>,
    /// All nodes in topological order, indexed by [`NodeId`].
    pub nodes: Vec<Node>,
    /// Inputs in the order of the model.
    pub inputs: Vec<GraphInput>,
    /// Outputs in the order of the model.
    pub outputs: Vec<ValueId>,
    /// The nodes that dequantised constants: their results are constants now, and passes may want the integers.
    pub dequantized: Vec<Node>,
}

/// A broken invariant of a graph.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("node `{node}`: {message}")]
pub struct VerifyError {
    /// Name of the node, or of the value for graph inputs and outputs.
    pub node: String,
    /// What is broken.
    pub message: String,
}

impl Graph {
    /// Adds a value without type.
    pub fn add_value(&mut self, name: impl Into<String>) -> ValueId {
        self.values.push(Value { name: name.into(), ty: None, constant: None });
        ValueId(self.values.len() as u32 - 1)
    }

    /// Adds a constant.
    pub fn add_constant(&mut self, name: impl Into<String>, tensor: Tensor) -> ValueId {
        let id = self.add_value(name);
        self.set_constant(id, tensor);
        id
    }

    /// Makes `id` a constant.
    pub fn set_constant(&mut self, id: ValueId, tensor: Tensor) {
        let value = &mut self.values[id.0 as usize];
        value.ty = Some(TensorType::new(tensor.dtype(), tensor.shape()));
        value.constant = Some(tensor);
    }

    /// Adds an input.
    pub fn add_input(&mut self, name: impl Into<String>, dtype: DType, dims: Option<Vec<Dim>>) -> ValueId {
        let value = self.add_value(name);
        self.inputs.push(GraphInput { value, dtype, dims });
        value
    }

    /// Adds a node behind the others and returns its first `outputs` new values, named after the node.
    pub fn add_node(&mut self, name: &str, op: Op, inputs: &[Option<ValueId>], outputs: usize) -> Vec<ValueId> {
        let ids: Vec<ValueId> = (0..outputs)
            .map(|i| self.add_value(if i == 0 { name.to_owned() } else { format!("{name}:{i}") }))
            .collect();
        let node = Node {
            name: name.to_owned(),
            op,
            inputs: inputs.to_vec(),
            outputs: ids.iter().map(|&v| Some(v)).collect(),
        };
        self.nodes.push(node);
        ids
    }

    /// The value.
    pub fn value(&self, id: ValueId) -> &Value {
        &self.values[id.0 as usize]
    }

    /// The constant data of `id`, if it is a constant.
    pub fn constant(&self, id: ValueId) -> Option<&Tensor> {
        self.value(id).constant.as_ref()
    }

    /// The type of `id`, once bound.
    pub fn ty(&self, id: ValueId) -> Option<&TensorType> {
        self.value(id).ty.as_ref()
    }

    /// The DequantizeLinear of constants whose result is the constant `id`.
    pub fn dequantization(&self, id: ValueId) -> Option<&Node> {
        self.dequantized.iter().find(|n| n.outputs.first() == Some(&Some(id)))
    }

    /// For each value, the nodes that read it (once per operand), in order.
    pub fn consumers(&self) -> Vec<Vec<NodeId>> {
        let mut all = vec![Vec::new(); self.values.len()];
        for (i, node) in self.nodes.iter().enumerate() {
            for input in node.inputs.iter().flatten() {
                all[input.0 as usize].push(NodeId(i as u32));
            }
        }
        all
    }

    /// For each value, the node that defines it.
    pub fn producers(&self) -> Vec<Option<NodeId>> {
        let mut all = vec![None; self.values.len()];
        for (i, node) in self.nodes.iter().enumerate() {
            for output in node.outputs.iter().flatten() {
                all[output.0 as usize] = Some(NodeId(i as u32));
            }
        }
        all
    }

    /// Makes every reader of `from` (nodes and graph outputs) read `to`.
    pub fn replace_uses(&mut self, from: ValueId, to: ValueId) {
        for node in &mut self.nodes {
            for input in node.inputs.iter_mut().flatten() {
                if *input == from {
                    *input = to;
                }
            }
        }
        for output in &mut self.outputs {
            if *output == from {
                *output = to;
            }
        }
    }

    /// Checks SSA: every operand is an input, a constant or the result of an earlier node, and nothing is defined twice.
    pub fn verify(&self) -> Result<(), VerifyError> {
        let error = |node: &str, message: String| Err(VerifyError { node: node.to_owned(), message });
        let mut defined: BTreeSet<ValueId> = self.inputs.iter().map(|i| i.value).collect();
        let known = |id: ValueId, defined: &BTreeSet<ValueId>| {
            self.values.get(id.0 as usize).is_some_and(|v| v.constant.is_some() || defined.contains(&id))
        };
        for node in &self.nodes {
            for input in node.inputs.iter().flatten() {
                if !known(*input, &defined) {
                    let name = self.values.get(input.0 as usize).map_or("?", |v| v.name.as_str());
                    return error(&node.name, format!("operand `{name}` is not defined before its use"));
                }
            }
            for output in node.outputs.iter().flatten() {
                if self.values.len() <= output.0 as usize || !defined.insert(*output) {
                    return error(&node.name, format!("result {} is defined twice or unknown", output.0));
                }
            }
        }
        for output in &self.outputs {
            if !known(*output, &defined) {
                return error("graph output", format!("value {} is never defined", output.0));
            }
        }
        Ok(())
    }
}

impl fmt::Display for Graph {
    /// One line per node: `%out: type = Op(attributes) %in, ...  # name`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let show = |id: &Option<ValueId>| match id {
            None => "_".to_owned(),
            Some(id) => match (self.constant(*id), self.ty(*id)) {
                (Some(c), _) => format!("const<{} {}>", c.dtype(), format_shape(c.shape())),
                (None, Some(ty)) => format!("%{}: {ty}", id.0),
                (None, None) => format!("%{}", id.0),
            },
        };
        for input in &self.inputs {
            writeln!(f, "input {}  # {}", show(&Some(input.value)), self.value(input.value).name)?;
        }
        for node in &self.nodes {
            let outputs: Vec<String> = node.outputs.iter().map(show).collect();
            let inputs: Vec<String> = node.inputs.iter().map(show).collect();
            writeln!(f, "{} = {:?} {}  # {}", outputs.join(", "), node.op, inputs.join(", "), node.name)?;
        }
        for output in &self.outputs {
            writeln!(f, "output {}  # {}", show(&Some(*output)), self.value(*output).name)?;
        }
        Ok(())
    }
}
