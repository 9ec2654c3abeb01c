//! Nodes: their values, their names, and the converter of each.

use std::collections::BTreeSet;
use std::sync::Arc;

use ocelli_graph::ValueId;

use super::Importer;
use crate::error::Unsupported;
use crate::inline::FlatNode;
use crate::node::NodeCx;
use crate::opset::canonical;
use crate::schema::{self, arity};
use crate::{ImportError, NodeRef, ops};

impl Importer {
    /// The node's own name if it is the only one of that name, otherwise a readable one.
    pub(super) fn node_name(
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

    pub(super) fn node(&mut self, node: FlatNode, name: String) -> Result<(), ImportError> {
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
