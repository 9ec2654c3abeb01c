//! Every operator has cases, and its reference runs them to the types that inference tells.

use ocelli_graph::interpreter::run_node;
use ocelli_graph::{Node, ops};

#[test]
fn every_case_evaluates() {
    let mut failures = Vec::new();
    for (folder, cases) in ops::all_cases() {
        if cases.len() < 3 {
            failures.push(format!("{folder}: {} cases, expected at least 3", cases.len()));
        }
        for case in cases {
            let node = Node {
                name: format!("{folder}/{}", case.name),
                op: case.op,
                inputs: vec![None; case.inputs.len()],
                outputs: vec![None; case.outputs],
            };
            if let Err(e) = run_node(&node, &case.inputs) {
                failures.push(e.to_string());
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
