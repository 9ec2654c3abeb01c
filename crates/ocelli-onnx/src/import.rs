//! Building the graph: names become values, nodes become operators.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ocelli_graph::{Graph, ValueId};
use ocelli_tensor::{DType, Dim, Tensor};

use crate::error::Unsupported;
use crate::inline::{FlatNode, Functions};
use crate::limits::{MAX_NESTING, MAX_RANK};
use crate::node::NodeCx;
use crate::opset::{Opsets, canonical};
use crate::proto::{GraphProto, TypeProto, ValueInfoProto, data_type, dimension, type_proto};
use crate::schema::{self, arity};
use crate::tensor::{TensorReader, densify};
use crate::{ImportError, Imported, Model, NodeRef, f32_only, ops, sort};

/// From this version of the file format on, a model says which operator sets it is written against.
const IR_VERSION_WITH_OPSETS: i64 = 3;

/// State of one import.
pub(crate) struct Importer {
    pub(crate) tensors: TensorReader,
    functions: Functions,
    unsupported: Vec<Unsupported>,
    /// Place in `unsupported` of each domain, operator and detail.
    known_unsupported: BTreeMap<(String, String, String), usize>,
    /// Whether `f32` is the model's only float type.
    pub(crate) only_f32: bool,
    /// The graphs under construction: the model's, then a body in each node that is being imported.
    pub(crate) levels: Vec<Level>,
}

/// A graph under construction.
#[derive(Default)]
pub(crate) struct Level {
    pub(crate) graph: Graph,
    scope: BTreeMap<String, ValueId>,
    /// Element types that the file declares.
    pub(crate) dtypes: BTreeMap<ValueId, DType>,
    declared: BTreeMap<String, DType>,
    /// Values that are sequences, which only exist while importing.
    pub(crate) sequences: BTreeMap<ValueId, Vec<ValueId>>,
    /// Values that do not exist because something is not supported.
    broken: BTreeSet<ValueId>,
    /// Weights and inputs of 4- or 2-bit integers, which are held as 8-bit ones.
    pub(crate) narrow: BTreeSet<ValueId>,
    node_names: BTreeSet<String>,
    /// The number that the next name with this beginning gets.
    next_suffix: BTreeMap<String, u64>,
    /// Values of the level above that the body reads: theirs and the one that stands for it here.
    captures: Vec<(ValueId, ValueId)>,
    captured: BTreeMap<ValueId, ValueId>,
    /// Place of each input in the graph's list.
    pub(crate) input_index: BTreeMap<ValueId, usize>,
}

/// The body of a control-flow node.
pub(crate) struct Body {
    /// The body; its inputs are the formal ones, then one for each of `captures`.
    pub(crate) graph: Graph,
    /// Values of the surrounding graph that the body reads, in the order of the body's last inputs.
    pub(crate) captures: Vec<ValueId>,
}

/// Imports a decoded model.
pub fn import(model: Model) -> Result<Imported, ImportError> {
    let proto = model.proto;
    let only_f32 = f32_only::check(&proto);
    let graph = proto.graph.ok_or_else(|| ImportError::Invalid("there is no graph".to_owned()))?;
    if proto.opset_import.is_empty() && proto.ir_version.unwrap_or(0) >= IR_VERSION_WITH_OPSETS {
        return Err(ImportError::Invalid("it imports no operator set; the file may be cut off".to_owned()));
    }
    let opsets = Arc::new(Opsets::new(&proto.opset_import)?);
    let mut importer = Importer {
        tensors: TensorReader::new(model.base_dir.as_deref()),
        functions: Functions::new(proto.functions)?,
        unsupported: Vec::new(),
        known_unsupported: BTreeMap::new(),
        only_f32,
        levels: Vec::new(),
    };
    let result = importer.graph(&graph, &opsets);
    // What is not supported explains the other errors that it causes, so it comes first.
    if !importer.unsupported.is_empty() {
        return Err(ImportError::Unsupported(importer.unsupported));
    }
    let graph = result?.graph;
    graph.verify().map_err(|e| ImportError::Graph(e.to_string()))?;
    Ok(Imported {
        graph,
        opset: opsets.0.clone(),
        ir_version: proto.ir_version.unwrap_or(0),
        producer: proto.producer_name,
        producer_version: proto.producer_version,
        model_version: proto.model_version,
        metadata: proto.metadata_props.into_iter().map(|e| (e.key, e.value)).collect(),
    })
}

impl Importer {
    /// Imports a graph as a new innermost level, which it takes off again.
    pub(crate) fn graph(&mut self, proto: &GraphProto, opsets: &Arc<Opsets>) -> Result<Level, ImportError> {
        if self.levels.len() > MAX_NESTING {
            let wide = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
            return Err(ImportError::Limit {
                what: "the nesting depth of graphs".to_owned(),
                limit: wide(MAX_NESTING),
                got: wide(self.levels.len()),
            });
        }
        self.levels.push(Level::default());
        let result = self.fill(proto, opsets);
        let level = self.levels.pop();
        result?;
        level.ok_or_else(|| ImportError::Invalid("no graph".to_owned()))
    }

    fn fill(&mut self, proto: &GraphProto, opsets: &Arc<Opsets>) -> Result<(), ImportError> {
        self.level()?.graph.name.clone_from(&proto.name);
        self.level()?.declared = proto
            .value_info
            .iter()
            .filter_map(|info| {
                let (dtype, _) = input_type(info.r#type.as_ref()?).ok()?;
                Some((info.name.clone(), dtype))
            })
            .collect();
        self.initializers(proto)?;
        let nested = self.levels.len() > 1;
        for input in &proto.input {
            self.input(input, nested)?;
        }
        let nodes = self.functions.expand(&proto.node, opsets, |domain, op| ops::find(domain, op).is_some())?;
        for node in &nodes {
            if let Some(output) =
                node.proto.output.iter().find(|o| self.levels.last().is_some_and(|l| l.scope.contains_key(*o)))
            {
                return Err(ImportError::Invalid(format!(
                    "'{output}' is an input or a weight and an output of node '{}' ({})",
                    node.proto.name, node.proto.op_type
                )));
            }
        }
        let nodes = sort::sort(nodes)?;
        // Names that the file gives come first, so that made-up ones step aside.
        let given: Vec<String> = nodes.iter().map(|n| n.proto.name.clone()).collect();
        let mut taken: BTreeSet<String> = given.iter().filter(|n| !n.is_empty()).cloned().collect();
        for (index, node) in nodes.into_iter().enumerate() {
            let name = self.node_name(&node, index, &mut taken)?;
            self.node(node, name)?;
        }
        for output in &proto.output {
            let id = self
                .resolve(&output.name)?
                .ok_or_else(|| ImportError::Invalid(format!("graph output '{}' is never defined", output.name)))?;
            if self.level()?.sequences.contains_key(&id) {
                self.note(ImportError::Unsupported(vec![Unsupported {
                    domain: String::new(),
                    op: String::new(),
                    detail: "an output of type sequence".to_owned(),
                    nodes: vec![output.name.clone()],
                }]))?;
            }
            self.level()?.graph.outputs.push(id);
        }
        Ok(())
    }

    fn initializers(&mut self, proto: &GraphProto) -> Result<(), ImportError> {
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
    fn input(&mut self, info: &ValueInfoProto, nested: bool) -> Result<(), ImportError> {
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

    /// The node's own name if it is the only one of that name, otherwise a readable one.
    fn node_name(
        &mut self,
        node: &FlatNode,
        index: usize,
        taken: &mut BTreeSet<String>,
    ) -> Result<String, ImportError> {
        let level = self.level()?;
        let base = &node.proto.name;
        let mut name = if base.is_empty() { format!("{}_{index}", node.proto.op_type) } else { base.clone() };
        let made_up = base.is_empty();
        let stem = name.clone();
        let mut numbered = false;
        while level.node_names.contains(&name) || ((made_up || numbered) && taken.contains(&name)) {
            let n = level.next_suffix.entry(stem.clone()).or_insert(2);
            name = format!("{stem}_{n}");
            *n += 1;
            numbered = true;
        }
        level.node_names.insert(name.clone());
        taken.insert(name.clone());
        Ok(name)
    }

    fn node(&mut self, node: FlatNode, name: String) -> Result<(), ImportError> {
        let proto = &node.proto;
        let domain = canonical(&proto.domain).to_owned();
        let op = if domain.is_empty() { proto.op_type.clone() } else { format!("{domain}::{}", proto.op_type) };
        let at = NodeRef { op, name };
        let problem = |problem: String| ImportError::Node { node: at.clone(), problem };
        let mut inputs = Vec::with_capacity(proto.input.len());
        for input in &proto.input {
            inputs.push(if input.is_empty() {
                None
            } else {
                let id = self.resolve(input)?;
                Some(id.ok_or_else(|| {
                    problem(format!("input '{input}' is neither an input, a weight nor a node's output"))
                })?)
            });
        }
        while inputs.last() == Some(&None) {
            inputs.pop();
        }
        let mut outputs = Vec::with_capacity(proto.output.len());
        for output in &proto.output {
            if output.is_empty() {
                outputs.push(None);
                continue;
            }
            let level = self.level()?;
            let id = level.graph.add_value(output.clone());
            if let Some(&dtype) = level.declared.get(output) {
                level.dtypes.insert(id, dtype);
            }
            outputs.push(Some(id));
        }
        while outputs.last() == Some(&None) {
            outputs.pop();
        }
        for (output, id) in proto.output.iter().zip(&outputs) {
            if let Some(id) = id {
                self.level()?.scope.insert(output.clone(), *id);
            }
        }
        let not_supported = |detail: String| {
            ImportError::Unsupported(vec![Unsupported {
                domain: domain.clone(),
                op: proto.op_type.clone(),
                detail,
                nodes: vec![at.name.clone()],
            }])
        };
        let level = self.level()?;
        // What follows from something that is not supported is not reported again.
        let known = inputs.iter().flatten().all(|id| !level.broken.contains(id));
        let sequence = inputs.iter().flatten().any(|id| level.sequences.contains_key(id));
        let results: Vec<ValueId> = outputs.iter().flatten().copied().collect();
        let Some(convert) = ops::find(&domain, &proto.op_type) else {
            level.broken.extend(results);
            return self.note(not_supported(String::new()));
        };
        if sequence && !ops::takes_sequences(&proto.op_type) {
            level.broken.extend(results);
            return self.note(not_supported("an input of type sequence".to_owned()));
        }
        let Some(version) = node.opsets.version(&domain) else {
            return Err(problem(format!("the model imports no operator set of domain '{domain}'")));
        };
        if domain.is_empty() {
            check_arity(&proto.op_type, inputs.len(), outputs.len()).map_err(problem)?;
        }
        let mut cx = NodeCx {
            importer: self,
            opsets: Arc::clone(&node.opsets),
            proto,
            at: &at,
            version,
            inputs,
            outputs,
            parts: 0,
        };
        match convert(&mut cx) {
            Ok(()) => Ok(()),
            Err(_) if !known => {
                self.level()?.broken.extend(results);
                Ok(())
            }
            Err(ImportError::Unsupported(mut items)) => {
                for item in items.iter_mut().filter(|item| item.nodes.is_empty()) {
                    item.domain.clone_from(&domain);
                    item.op.clone_from(&proto.op_type);
                    item.nodes.push(at.name.clone());
                }
                self.level()?.broken.extend(results);
                self.note(ImportError::Unsupported(items))
            }
            other => other,
        }
    }

    /// Keeps what is not supported for later; any other error is returned.
    pub(crate) fn note(&mut self, error: ImportError) -> Result<(), ImportError> {
        let ImportError::Unsupported(items) = error else {
            return Err(error);
        };
        for item in items {
            let key = (item.domain.clone(), item.op.clone(), item.detail.clone());
            let at = *self.known_unsupported.entry(key).or_insert(self.unsupported.len());
            match self.unsupported.get_mut(at) {
                Some(known) => known.nodes.extend(item.nodes),
                None => self.unsupported.push(item),
            }
        }
        Ok(())
    }

    /// The graph under construction.
    pub(crate) fn level(&mut self) -> Result<&mut Level, ImportError> {
        self.levels.last_mut().ok_or_else(|| ImportError::Invalid("no graph".to_owned()))
    }

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

fn check_arity(op: &str, inputs: usize, outputs: usize) -> Result<(), String> {
    let Some(arity) = arity(op) else {
        return Ok(());
    };
    let range = |min: usize, max: usize| match max {
        schema::MANY => format!("at least {min}"),
        max if min == max => min.to_string(),
        max => format!("{min} to {max}"),
    };
    if !(arity.min_inputs..=arity.max_inputs).contains(&inputs) {
        return Err(format!("expected {} inputs, got {inputs}", range(arity.min_inputs, arity.max_inputs)));
    }
    if outputs > arity.max_outputs {
        return Err(format!("expected at most {} outputs, got {outputs}", arity.max_outputs));
    }
    Ok(())
}

enum TypeProblem {
    Missing,
    Unsupported(String),
    Invalid(String),
}

/// Element type and dimensions of a tensor type.
fn input_type(ty: &TypeProto) -> Result<(DType, Option<Vec<Dim>>), TypeProblem> {
    let tensor = match &ty.value {
        None => return Err(TypeProblem::Missing),
        Some(type_proto::Value::Tensor(tensor)) => tensor,
        Some(type_proto::Value::Sequence(_)) => {
            return Err(TypeProblem::Unsupported("type sequence".to_owned()));
        }
        Some(type_proto::Value::Optional(_)) => {
            return Err(TypeProblem::Unsupported("type optional".to_owned()));
        }
        Some(type_proto::Value::Map(_)) => {
            return Err(TypeProblem::Unsupported("type map".to_owned()));
        }
        Some(type_proto::Value::SparseTensor(_)) => {
            return Err(TypeProblem::Unsupported("type sparse tensor".to_owned()));
        }
        Some(type_proto::Value::Opaque(_)) => {
            return Err(TypeProblem::Unsupported("an opaque type".to_owned()));
        }
    };
    let kind = i64::from(tensor.elem_type);
    if kind == 0 {
        return Err(TypeProblem::Missing);
    }
    let Some(dtype) = data_type::dtype(kind) else {
        return Err(TypeProblem::Unsupported(format!("type {}", data_type::name(kind))));
    };
    let Some(shape) = &tensor.shape else {
        return Ok((dtype, None));
    };
    if shape.dim.len() > MAX_RANK {
        return Err(TypeProblem::Invalid(format!("{} dimensions, at most {MAX_RANK} are allowed", shape.dim.len())));
    }
    let dims = shape.dim.iter().map(|d| match &d.value {
        // Exporters write -1 and placeholder texts for a dimension that is merely not known.
        Some(dimension::Value::DimValue(n)) => usize::try_from(*n).map_or(Dim::Unknown, Dim::Fixed),
        Some(dimension::Value::DimParam(s)) if matches!(s.trim(), "" | "?" | "-1" | "None") => Dim::Unknown,
        Some(dimension::Value::DimParam(s)) => Dim::Symbol(s.clone()),
        None => Dim::Unknown,
    });
    Ok((dtype, Some(dims.collect())))
}
