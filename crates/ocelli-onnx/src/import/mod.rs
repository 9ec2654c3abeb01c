//! Building the graph: names become values, nodes become operators.
//!
//! | file | what |
//! |---|---|
//! | `mod` | an import and its levels, from a model to a graph |
//! | `values` | weights and inputs |
//! | `types` | declared types |
//! | `nodes` | nodes and the names they get |
//! | `scope` | names across nested graphs, and the bodies of control-flow nodes |

mod nodes;
mod scope;
mod types;
mod values;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ocelli_graph::{Graph, ValueId};
use ocelli_tensor::DType;

use crate::error::Unsupported;
use crate::inline::Functions;
use crate::limits::MAX_NESTING;
use crate::opset::Opsets;
use crate::proto::GraphProto;
use crate::tensor::TensorReader;
use crate::{ImportError, Imported, Model, f32_only, ops, sort};

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
                let (dtype, _) = types::input_type(info.r#type.as_ref()?).ok()?;
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
}
