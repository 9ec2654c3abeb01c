//! Kernels and the operator list, without a device.

use ocelli_graph::ops::conv::Conv;
use ocelli_graph::ops::pool::{Pool, PoolKind};
use ocelli_graph::ops::window::Window;
use ocelli_graph::plan::{Placement, Plan};
use ocelli_graph::{Graph, Op, TensorType, bind};
use ocelli_shaders::validate;
use ocelli_tensor::{DType, Dim, Tensor};
use ocelli_tests::{kernels, operators_page, operators_page_path, targets};

#[test]
fn every_kernel_of_the_operator_cases_reaches_all_back_ends() {
    let kernels = kernels().expect("every case can be planned");
    assert!(!kernels.is_empty());
    let failed: Vec<String> = kernels.values().filter_map(|k| validate::kernel(k).err()).collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[test]
fn the_operators_page_is_up_to_date() {
    let kept = std::fs::read_to_string(operators_page_path()).unwrap_or_default();
    let page = operators_page().expect("every case can be planned");
    assert!(kept == page, "docs/operators.md is out of date: run `cargo xtask operators`");
}

/// A hundred megapixels exceed what one dimension of a grid may have; every target still plans the whole picture.
#[test]
fn hundred_megapixels_can_be_planned() {
    let random = |shape: &[usize]| Tensor::zeros(DType::F32, shape).expect("a small tensor");
    for target in targets() {
        let mut graph = Graph::default();
        let dims = [1, 4, 10_000, 10_000].map(Dim::Fixed).to_vec();
        let x = graph.add_input("x", DType::F32, Some(dims));
        let window = |k: usize, s: usize| Window { kernel: vec![k; 2], strides: vec![s; 2], ..Window::default() };
        let conv = |group, w: Window| Op::from(Conv { group, window: Window { kernel: Vec::new(), ..w } });
        let w1 = graph.add_constant("w1", random(&[8, 4, 3, 3]));
        let w2 = graph.add_constant("w2", random(&[8, 8, 1, 1]));
        let w3 = graph.add_constant("w3", random(&[8, 1, 3, 3]));
        let a = graph.add_node("wide", conv(1, window(3, 1)), &[Some(x), Some(w1)], 1)[0];
        let a = graph.add_node("pointwise", conv(1, window(1, 1)), &[Some(a), Some(w2)], 1)[0];
        let a = graph.add_node("depthwise", conv(8, window(3, 1)), &[Some(a), Some(w3)], 1)[0];
        let pool = Pool { kind: PoolKind::Max { column_major: false }, window: window(3, 1), ceil_mode: false };
        graph.outputs = graph.add_node("pool", pool.into(), &[Some(a)], 1);
        let bound = bind(&graph, &[TensorType::new(DType::F32, [1, 4, 10_000, 10_000])]).expect("bound");
        let plan = Plan::new(bound.graph, &[], &target).unwrap_or_else(|e| panic!("{target:?}: {e}"));
        assert!(plan.placements.iter().all(|p| *p == Placement::Device), "{:?}", plan.placements);
    }
}
