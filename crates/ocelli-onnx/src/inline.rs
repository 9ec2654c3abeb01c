//! Model-local functions, expanded where they are called.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use prost::Message;

use crate::ImportError;
use crate::limits::{MAX_EXPANDED_BYTES, MAX_NESTING, MAX_NODES};
use crate::opset::Opsets;
use crate::proto::{AttributeProto, FunctionProto, GraphProto, NodeProto};

/// A node without calls, with the operator sets that it is written against.
#[derive(Clone, Debug)]
pub struct FlatNode {
    /// The node.
    pub proto: NodeProto,
    /// Operator sets of the model or of the function that it comes from.
    pub opsets: Arc<Opsets>,
}

/// The functions of a model, and what expanding them may still cost.
#[derive(Debug, Default)]
pub struct Functions {
    by_key: BTreeMap<(String, String, String), Arc<(FunctionProto, Arc<Opsets>)>>,
    calls: usize,
    nodes: usize,
    bytes: usize,
}

impl Functions {
    /// The functions of a model. Errors when two have one name, or on operator sets that are not known.
    pub fn new(functions: Vec<FunctionProto>) -> Result<Functions, ImportError> {
        let mut by_key = BTreeMap::new();
        for function in functions {
            let opsets = Arc::new(Opsets::new(&function.opset_import)?);
            let domain = crate::opset::canonical(&function.domain).to_owned();
            let key = (domain, function.name.clone(), function.overload.clone());
            let name = function.name.clone();
            if by_key.insert(key, Arc::new((function, opsets))).is_some() {
                return Err(ImportError::Invalid(format!("function '{name}' is defined twice")));
            }
        }
        Ok(Functions { by_key, ..Functions::default() })
    }

    /// Counts nodes against the limit.
    fn spend_nodes(&mut self, nodes: usize) -> Result<(), ImportError> {
        self.nodes = self.nodes.saturating_add(nodes);
        limit("the number of nodes", self.nodes, MAX_NODES)
    }

    /// The nodes with every call of a model-local function replaced by the function's body.
    ///
    /// A function that merely defines a standard operator which `native` knows is left alone.
    pub fn expand(
        &mut self,
        nodes: &[NodeProto],
        opsets: &Arc<Opsets>,
        native: fn(&str, &str) -> bool,
    ) -> Result<Vec<FlatNode>, ImportError> {
        let mut out = Vec::with_capacity(nodes.len());
        self.expand_into(nodes, opsets, native, 0, &mut out)?;
        Ok(out)
    }

    fn expand_into(
        &mut self,
        nodes: &[NodeProto],
        opsets: &Arc<Opsets>,
        native: fn(&str, &str) -> bool,
        depth: usize,
        out: &mut Vec<FlatNode>,
    ) -> Result<(), ImportError> {
        self.spend_nodes(nodes.len())?;
        for node in nodes {
            let domain = crate::opset::canonical(&node.domain);
            let key = (domain.to_owned(), node.op_type.clone(), node.overload.clone());
            let function = self.by_key.get(&key).filter(|_| !native(domain, &node.op_type)).cloned();
            let Some(function) = function else {
                out.push(FlatNode { proto: node.clone(), opsets: Arc::clone(opsets) });
                continue;
            };
            limit("the nesting depth of functions", depth + 1, MAX_NESTING)?;
            self.calls += 1;
            self.bytes = self.bytes.saturating_add(function.0.encoded_len());
            limit("the size of all expanded functions in bytes", self.bytes, MAX_EXPANDED_BYTES)?;
            let body = Call::new(node, &function.0, self.calls)?.body();
            self.expand_into(&body, &function.1, native, depth + 1, out)?;
        }
        Ok(())
    }
}

fn limit(what: &str, got: usize, limit: usize) -> Result<(), ImportError> {
    if got <= limit {
        return Ok(());
    }
    let wide = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
    Err(ImportError::Limit { what: what.to_owned(), limit: wide(limit), got: wide(got) })
}

/// One call of a function: how its names and attributes are written outside.
struct Call<'a> {
    function: &'a FunctionProto,
    prefix: String,
    names: BTreeMap<&'a str, String>,
    attributes: BTreeMap<&'a str, &'a AttributeProto>,
    /// Results that are arguments handed through, as (argument, result).
    passed_through: Vec<(String, String)>,
}

impl<'a> Call<'a> {
    fn new(node: &'a NodeProto, function: &'a FunctionProto, number: usize) -> Result<Call<'a>, ImportError> {
        let wrong = |what: &str, expected: usize, got: usize| ImportError::Node {
            node: crate::NodeRef { op: node.op_type.clone(), name: node.name.clone() },
            problem: format!("the function takes at most {expected} {what}, got {got}"),
        };
        if node.input.len() > function.input.len() {
            return Err(wrong("inputs", function.input.len(), node.input.len()));
        }
        if node.output.len() > function.output.len() {
            return Err(wrong("outputs", function.output.len(), node.output.len()));
        }
        let label = if node.name.is_empty() { &node.op_type } else { &node.name };
        let prefix = format!("{label}#{number}/");
        let mut names: BTreeMap<&str, String> = BTreeMap::new();
        for (i, formal) in function.input.iter().enumerate() {
            names.insert(formal, node.input.get(i).cloned().unwrap_or_default());
        }
        let mut passed_through = Vec::new();
        for (formal, actual) in function.output.iter().zip(&node.output).filter(|(_, actual)| !actual.is_empty()) {
            match names.get(formal.as_str()) {
                Some(source) => passed_through.push((source.clone(), actual.clone())),
                None => {
                    names.insert(formal, actual.clone());
                }
            }
        }
        names.insert("", String::new());
        let mut attributes: BTreeMap<&str, &AttributeProto> =
            function.attribute_proto.iter().map(|a| (a.name.as_str(), a)).collect();
        let known: BTreeSet<&str> = function.attribute.iter().map(String::as_str).collect();
        for a in &node.attribute {
            if known.contains(a.name.as_str()) || attributes.contains_key(a.name.as_str()) {
                attributes.insert(&a.name, a);
            }
        }
        Ok(Call { function, prefix, names, attributes, passed_through })
    }

    /// The nodes of the body as the caller sees them.
    fn body(&self) -> Vec<NodeProto> {
        let mut body: Vec<NodeProto> = self.function.node.iter().map(|n| self.node(n)).collect();
        body.extend(self.passed_through.iter().map(|(from, to)| NodeProto {
            op_type: "Identity".to_owned(),
            name: format!("{}{to}", self.prefix),
            input: vec![from.clone()],
            output: vec![to.clone()],
            ..Default::default()
        }));
        body
    }

    fn name(&self, inner: &str) -> String {
        self.names.get(inner).cloned().unwrap_or_else(|| format!("{}{inner}", self.prefix))
    }

    fn node(&self, inner: &NodeProto) -> NodeProto {
        let label = if inner.name.is_empty() { &inner.op_type } else { &inner.name };
        NodeProto {
            input: inner.input.iter().map(|n| self.name(n)).collect(),
            output: inner.output.iter().map(|n| self.name(n)).collect(),
            name: format!("{}{label}", self.prefix),
            op_type: inner.op_type.clone(),
            attribute: inner.attribute.iter().filter_map(|a| self.attribute(a)).collect(),
            domain: inner.domain.clone(),
            overload: inner.overload.clone(),
        }
    }

    /// The attribute with references to the caller's attributes resolved; `None` when the caller leaves it out.
    fn attribute(&self, inner: &AttributeProto) -> Option<AttributeProto> {
        if !inner.ref_attr_name.is_empty() {
            let given = *self.attributes.get(inner.ref_attr_name.as_str())?;
            return Some(AttributeProto { name: inner.name.clone(), ..given.clone() });
        }
        let mut a = inner.clone();
        for graph in a.g.iter_mut().chain(&mut a.graphs) {
            self.graph(graph);
        }
        Some(a)
    }

    fn graph(&self, graph: &mut GraphProto) {
        for value in graph.input.iter_mut().chain(&mut graph.output).chain(&mut graph.value_info) {
            value.name = self.name(&value.name);
        }
        for tensor in &mut graph.initializer {
            tensor.name = self.name(&tensor.name);
        }
        for values in graph.sparse_initializer.iter_mut().filter_map(|s| s.values.as_mut()) {
            values.name = self.name(&values.name);
        }
        for node in &mut graph.node {
            *node = self.node(node);
        }
    }
}
