//! Topological order of the nodes of one graph.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

use crate::ImportError;
use crate::inline::FlatNode;
use crate::proto::{GraphProto, NodeProto};

/// Sorts nodes so that each comes after those that it reads from, otherwise in the order of the file.
///
/// Names that no node defines are left for the importer to look up. Errors on a name that two nodes define, and on a
/// cycle.
pub fn sort(nodes: Vec<FlatNode>) -> Result<Vec<FlatNode>, ImportError> {
    let mut producer: BTreeMap<&str, usize> = BTreeMap::new();
    for (i, node) in nodes.iter().enumerate() {
        for output in node.proto.output.iter().filter(|o| !o.is_empty()) {
            if let Some(first) = producer.insert(output, i) {
                let first = nodes.get(first).map(|n| describe(&n.proto)).unwrap_or_default();
                return Err(ImportError::Invalid(format!(
                    "value '{output}' is defined twice, by {first} and by {}",
                    describe(&node.proto)
                )));
            }
        }
    }
    let mut waits_for: Vec<BTreeSet<usize>> = Vec::with_capacity(nodes.len());
    let mut readers: Vec<Vec<usize>> = vec![Vec::new(); nodes.len()];
    for (i, node) in nodes.iter().enumerate() {
        let mut names: BTreeSet<&str> = node.proto.input.iter().map(String::as_str).collect();
        for attribute in &node.proto.attribute {
            for graph in attribute.g.iter().chain(&attribute.graphs) {
                names.extend(free_names(graph));
            }
        }
        let sources: BTreeSet<usize> = names.iter().filter_map(|n| producer.get(n).copied()).collect();
        for &source in &sources {
            if let Some(list) = readers.get_mut(source) {
                list.push(i);
            }
        }
        waits_for.push(sources);
    }
    let mut left: Vec<usize> = waits_for.iter().map(BTreeSet::len).collect();
    let mut ready: BinaryHeap<Reverse<usize>> =
        left.iter().enumerate().filter(|(_, n)| **n == 0).map(|(i, _)| Reverse(i)).collect();
    let mut order = Vec::with_capacity(nodes.len());
    while let Some(Reverse(i)) = ready.pop() {
        order.push(i);
        for &reader in readers.get(i).map_or(&[][..], Vec::as_slice) {
            if let Some(n) = left.get_mut(reader) {
                *n -= 1;
                if *n == 0 {
                    ready.push(Reverse(reader));
                }
            }
        }
    }
    if order.len() < nodes.len() {
        return Err(ImportError::Cycle { nodes: cycle(&nodes, &waits_for, &left) });
    }
    let mut slots: Vec<Option<FlatNode>> = nodes.into_iter().map(Some).collect();
    Ok(order.into_iter().filter_map(|i| slots.get_mut(i).and_then(Option::take)).collect())
}

/// The names of the nodes of one cycle: from any node that never became ready, a walk against the edges comes back.
fn cycle(nodes: &[FlatNode], waits_for: &[BTreeSet<usize>], left: &[usize]) -> Vec<String> {
    let stuck = |i: usize| left.get(i).is_some_and(|&n| n > 0);
    let mut path: Vec<usize> = Vec::new();
    let mut seen: BTreeMap<usize, usize> = BTreeMap::new();
    let mut at = (0..nodes.len()).find(|&i| stuck(i));
    while let Some(i) = at {
        if let Some(&start) = seen.get(&i) {
            path.drain(..start);
            break;
        }
        seen.insert(i, path.len());
        path.push(i);
        at = waits_for.get(i).and_then(|sources| sources.iter().copied().find(|&s| stuck(s)));
    }
    path.reverse();
    path.into_iter().filter_map(|i| nodes.get(i)).map(|n| label(&n.proto)).collect()
}

fn label(node: &NodeProto) -> String {
    if node.name.is_empty() {
        format!("{} of {}", node.op_type, node.output.first().map_or("nothing", String::as_str))
    } else {
        node.name.clone()
    }
}

fn describe(node: &NodeProto) -> String {
    if node.name.is_empty() {
        format!("a node ({})", node.op_type)
    } else {
        format!("node '{}' ({})", node.name, node.op_type)
    }
}

/// The names that a body reads from the graphs around it, in order.
pub fn free_names(graph: &GraphProto) -> BTreeSet<&str> {
    let mut used: BTreeSet<&str> = graph.output.iter().map(|o| o.name.as_str()).collect();
    for node in &graph.node {
        used.extend(node.input.iter().map(String::as_str));
        for attribute in &node.attribute {
            for inner in attribute.g.iter().chain(&attribute.graphs) {
                used.extend(free_names(inner));
            }
        }
    }
    used.remove("");
    for input in &graph.input {
        used.remove(input.name.as_str());
    }
    for initializer in &graph.initializer {
        used.remove(initializer.name.as_str());
    }
    for sparse in &graph.sparse_initializer {
        if let Some(values) = &sparse.values {
            used.remove(values.name.as_str());
        }
    }
    for output in graph.node.iter().flat_map(|n| &n.output) {
        used.remove(output.as_str());
    }
    used
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(name: &str, inputs: &[&str], outputs: &[&str]) -> FlatNode {
        FlatNode {
            proto: NodeProto {
                name: name.to_owned(),
                op_type: "Add".to_owned(),
                input: inputs.iter().map(|s| (*s).to_owned()).collect(),
                output: outputs.iter().map(|s| (*s).to_owned()).collect(),
                ..Default::default()
            },
            opsets: std::sync::Arc::default(),
        }
    }

    #[test]
    fn keeps_the_order_of_the_file_where_it_can() {
        let nodes = vec![
            node("c", &["b"], &["c"]),
            node("a", &["x"], &["a"]),
            node("d", &["x"], &["d"]),
            node("b", &["a"], &["b"]),
        ];
        let names: Vec<String> = sort(nodes).unwrap().into_iter().map(|n| n.proto.name).collect();
        assert_eq!(names, ["a", "d", "b", "c"]);
    }

    #[test]
    fn names_the_nodes_of_a_cycle_and_only_those() {
        let nodes = vec![
            node("before", &["x"], &["p"]),
            node("one", &["p", "r"], &["q"]),
            node("two", &["q"], &["r"]),
            node("after", &["r"], &["s"]),
        ];
        let ImportError::Cycle { nodes } = sort(nodes).unwrap_err() else { panic!("expected a cycle") };
        assert_eq!(nodes.iter().collect::<BTreeSet<_>>(), BTreeSet::from([&"one".to_owned(), &"two".to_owned()]));
    }

    #[test]
    fn a_value_has_one_definition() {
        let error = sort(vec![node("a", &[], &["v"]), node("b", &[], &["v"])]).unwrap_err().to_string();
        assert!(error.contains("'v' is defined twice, by node 'a' (Add) and by node 'b' (Add)"), "{error}");
    }
}
