//! Data movement lowers to the device, and what is only a view needs no call.
#![allow(clippy::unwrap_used, reason = "a test ends at its first surprise")]

use ocelli_graph::plan::{Placement, Plan, Target};
use ocelli_graph::{Case, Graph, TensorType, bind, ops};
use ocelli_tensor::DType;

/// The plan of a case: `None` when binding folds everything.
fn plan(case: &Case) -> Option<Plan> {
    let mut graph = Graph::default();
    let mut types = Vec::new();
    let mut operands = Vec::new();
    for (i, tensor) in case.inputs.iter().enumerate() {
        operands.push(tensor.as_ref().map(|t| {
            if case.constant[i] {
                return graph.add_constant("c", t.clone());
            }
            types.push(TensorType::new(t.dtype(), t.shape()));
            graph.add_input("x", t.dtype(), None)
        }));
    }
    graph.outputs = graph.add_node("node", case.op.clone(), &operands, case.outputs);
    let bound = bind(&graph, &types).unwrap();
    (!bound.graph.nodes.is_empty()).then(|| Plan::new(bound.graph, &[], &Target::default()).unwrap())
}

/// Folder and case that may run on the host although the data is f32.
const HOST: &[&str] = &[
    "scatter::elements_add",
    "scatter::nd_max",
    "grid_sample::volume",
    "one_hot::int32_indices",
    "reverse_sequence::time_first",
    "reverse_sequence::batch_first",
];

const FOLDERS: &[&str] = &[
    "affine_grid",
    "center_crop_pad",
    "concat",
    "constant_of_shape",
    "depth_to_space",
    "expand",
    "eye_like",
    "gather",
    "grid_sample",
    "one_hot",
    "pad",
    "range",
    "reshape",
    "resize",
    "reverse_sequence",
    "scatter",
    "shape_of",
    "slice",
    "split",
    "tile",
    "transpose",
    "trilu",
];

#[test]
fn every_f32_case_lowers() {
    let mut seen = 0;
    for (folder, cases) in ops::all_cases() {
        if !FOLDERS.contains(&folder) {
            continue;
        }
        for case in cases {
            // 64-bit integers from outside never reach the device.
            let wide = |(i, t): (usize, &Option<ocelli_tensor::Tensor>)| {
                !case.constant[i] && t.as_ref().is_some_and(|t| t.dtype() == DType::I64)
            };
            if case.inputs.iter().enumerate().any(wide) {
                continue;
            }
            let Some(plan) = plan(&case) else { continue };
            let name = format!("{folder}::{}", case.name);
            let on_host = plan.placements.iter().any(|p| *p != Placement::Device);
            assert_eq!(on_host, HOST.contains(&name.as_str()), "{name}: {:?}", plan.placements);
            seen += 1;
        }
    }
    assert!(seen > 90, "only {seen} cases");
}

#[test]
fn views_need_only_the_copy_into_the_result() {
    for (folder, cases) in ops::all_cases() {
        if !["expand", "reshape", "slice", "split", "transpose"].contains(&folder) {
            continue;
        }
        for case in cases {
            let plan = plan(&case).unwrap();
            let calls: usize = plan.recordings().map(|r| r.calls.len()).sum();
            assert!(calls <= case.outputs, "{folder}::{}: {calls} calls", case.name);
        }
    }
}

#[test]
fn verify_rejects_a_call_that_reads_what_it_writes() {
    let (_, cases) = ops::all_cases().into_iter().find(|(f, _)| *f == "tile").unwrap();
    let plan = plan(&cases[0]).unwrap();
    let good = plan.recordings().next().unwrap().clone();
    assert_eq!(good.verify(), Ok(()));
    let mut bad = good.clone();
    bad.calls[0].bindings[0] = bad.calls[0].bindings[1];
    assert!(bad.verify().unwrap_err().contains("same memory"));
    let mut bad = good.clone();
    bad.calls[0].bindings[1] = bad.calls[0].bindings[0];
    assert!(bad.verify().unwrap_err().contains("writes"));
    assert!(good.calls[0].kernel.bindings.len() == 2);
}
