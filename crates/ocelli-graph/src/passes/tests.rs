//! Each pass keeps the results of the interpreter on random inputs, and removes its pattern.

use ocelli_tensor::{DType, Dim, Tensor};

use super::{Options, PASSES, optimize};
use crate::ops::batch_normalization::BatchNormalization;
use crate::ops::binary::{Binary, BinaryKind};
use crate::ops::clip::Clip;
use crate::ops::conv::Conv;
use crate::ops::conv_transpose::ConvTranspose;
use crate::ops::dropout::Dropout;
use crate::ops::gemm::Gemm;
use crate::ops::if_op::If;
use crate::ops::pad::Pad;
use crate::ops::pool::{Pool, PoolKind};
use crate::ops::transpose::Transpose;
use crate::ops::unary::{Unary, UnaryKind};
use crate::ops::util::{i64s, random_f32};
use crate::ops::window::Window;
use crate::{Graph, Op, Operator, TensorType, ValueId, bind, interpreter};

mod quantized;
mod shuffles;

/// A graph under construction with inputs of fixed shapes.
#[derive(Default)]
struct Build {
    graph: Graph,
    shapes: Vec<Vec<usize>>,
}

impl Build {
    fn input(&mut self, shape: &[usize]) -> ValueId {
        self.shapes.push(shape.to_vec());
        let dims = shape.iter().map(|&d| Dim::Fixed(d)).collect();
        self.graph.add_input(format!("in{}", self.shapes.len()), DType::F32, Some(dims))
    }

    fn constant(&mut self, tensor: Tensor) -> ValueId {
        self.graph.add_constant("constant", tensor)
    }

    fn node(&mut self, op: impl Into<Op>, inputs: &[ValueId]) -> ValueId {
        let inputs: Vec<Option<ValueId>> = inputs.iter().copied().map(Some).collect();
        let name = format!("node{}", self.graph.nodes.len());
        self.graph.add_node(&name, op.into(), &inputs, 1)[0]
    }

    /// Runs one pass (all of them without a name) and compares; returns the operator names that are left.
    fn check(mut self, pass: Option<&str>, outputs: &[ValueId]) -> Vec<&'static str> {
        self.graph.outputs = outputs.to_vec();
        let types: Vec<TensorType> = self.shapes.iter().map(|s| TensorType::new(DType::F32, s.clone())).collect();
        let before = bind(&self.graph, &types).unwrap().graph;
        let mut after = before.clone();
        let disabled = PASSES.iter().map(|p| p.name).filter(|&n| pass.is_some_and(|p| p != n && n != "dead"));
        optimize(&mut after, &Options { disabled: disabled.map(str::to_owned).collect() }).unwrap();
        for seed in 0..5 {
            let inputs: Vec<Tensor> =
                self.shapes.iter().enumerate().map(|(i, s)| random_f32(s, seed * 31 + i as u64)).collect();
            let (want, got) = (interpreter::run(&before, &inputs).unwrap(), interpreter::run(&after, &inputs).unwrap());
            assert_eq!(want.len(), got.len());
            for (want, got) in want.iter().zip(&got) {
                assert_eq!((want.dtype(), want.shape()), (got.dtype(), got.shape()));
                for (w, g) in want.to_f64s().iter().zip(got.to_f64s()) {
                    assert!((w - g).abs() <= 1e-5 * w.abs().max(1.0), "{w} became {g}\n{after}");
                }
            }
        }
        after.nodes.iter().map(|n| n.op.name()).collect()
    }
}

fn unary(kind: UnaryKind) -> Unary {
    Unary { kind }
}

fn binary(kind: BinaryKind) -> Binary {
    Binary { kind }
}

fn conv() -> Conv {
    Conv { group: 1, window: Window { pads: vec![1, 0, 2, 1], ..Window::default() } }
}

fn batch_norm(b: &mut Build, x: ValueId, channels: usize) -> ValueId {
    let mut inputs = vec![x];
    for seed in 0..3 {
        inputs.push(b.constant(random_f32(&[channels], 90 + seed)));
    }
    inputs.push(b.constant(Tensor::vector((0..channels).map(|i| 0.5 + i as f32).collect())));
    b.node(BatchNormalization { epsilon: 1e-5, momentum: 0.9, training_mode: false }, &inputs)
}

#[test]
fn elementwise_chains_become_one_node() {
    let mut b = Build::default();
    let (x, r) = (b.input(&[2, 3, 5]), b.input(&[3, 1]));
    let scale = b.constant(Tensor::scalar(0.7f32));
    let s = b.node(unary(UnaryKind::Sigmoid), &[x]);
    let m = b.node(binary(BinaryKind::Mul), &[x, s]);
    let t = b.node(binary(BinaryKind::Mul), &[m, scale]);
    let u = b.node(binary(BinaryKind::Sub), &[r, t]);
    let y = b.node(Clip, &[u, scale]);
    assert_eq!(b.check(Some("fuse_elementwise"), &[y]), ["Pointwise"]);
}

#[test]
fn results_that_are_read_twice_or_grow_stay() {
    let mut b = Build::default();
    let (x, wide) = (b.input(&[3, 1]), b.input(&[3, 40]));
    let e = b.node(unary(UnaryKind::Exp), &[x]);
    let grown = b.node(binary(BinaryKind::Add), &[e, wide]);
    let one = b.node(unary(UnaryKind::Neg), &[grown]);
    let two = b.node(unary(UnaryKind::Abs), &[grown]);
    assert_eq!(b.check(Some("fuse_elementwise"), &[one, two]), ["Exp", "Add", "Neg", "Abs"]);
}

#[test]
fn chains_take_at_most_seven_buffers() {
    let mut b = Build::default();
    let mut sum = b.input(&[2, 3]);
    for _ in 0..9 {
        let x = b.input(&[2, 3]);
        sum = b.node(binary(BinaryKind::Add), &[sum, x]);
    }
    assert_eq!(b.check(Some("fuse_elementwise"), &[sum]), ["Pointwise", "Pointwise"]);
}

#[test]
fn chains_join_the_convolution_in_front() {
    let mut b = Build::default();
    let (x, r) = (b.input(&[1, 3, 6, 7]), b.input(&[1, 4, 7, 6]));
    let (w, slope) = (b.constant(random_f32(&[4, 3, 3, 3], 7)), b.constant(random_f32(&[4, 1, 1], 8)));
    let scale = b.constant(Tensor::scalar(0.2f32));
    let c = b.node(conv(), &[x, w]);
    let p = b.node(binary(BinaryKind::PRelu), &[c, slope]);
    let m = b.node(binary(BinaryKind::Mul), &[p, scale]);
    let y = b.node(binary(BinaryKind::Add), &[r, m]);
    // One node, named after the convolution.
    assert_eq!(b.check(None, &[y]), ["Conv"]);
}

#[test]
fn an_activation_that_reads_twice_joins_a_transposed_convolution() {
    let mut b = Build::default();
    let x = b.input(&[1, 4, 5, 3]);
    let w = b.constant(random_f32(&[4, 3, 3, 2], 7));
    let c = b.node(ConvTranspose { group: 1, ..ConvTranspose::default() }, &[x, w]);
    let s = b.node(unary(UnaryKind::Sigmoid), &[c]);
    let y = b.node(binary(BinaryKind::Mul), &[c, s]);
    assert_eq!(b.check(None, &[y]), ["ConvTranspose"]);
}

#[test]
fn a_convolution_that_is_read_twice_stays_alone() {
    let mut b = Build::default();
    let x = b.input(&[1, 3, 6, 7]);
    let w = b.constant(random_f32(&[4, 3, 3, 3], 7));
    let c = b.node(conv(), &[x, w]);
    let y = b.node(unary(UnaryKind::Relu), &[c]);
    assert_eq!(b.check(None, &[c, y]), ["Conv", "Relu"]);
}

#[test]
fn batch_norm_becomes_weights() {
    for group in [1, 2] {
        let mut b = Build::default();
        let x = b.input(&[2, 4, 6, 7]);
        let (w, bias) = (b.constant(random_f32(&[6, 4 / group, 3, 3], 7)), b.constant(random_f32(&[6], 9)));
        let c = b.node(Conv { group, window: Window::default() }, &[x, w, bias]);
        let n = batch_norm(&mut b, c, 6);
        let w = b.constant(random_f32(&[6, 4 / group, 2, 3], 8));
        let t = b.node(ConvTranspose { group, ..ConvTranspose::default() }, &[n, w]);
        let y = batch_norm(&mut b, t, 4);
        assert_eq!(b.check(Some("fold_batch_norm"), &[y]), ["Conv", "ConvTranspose"]);
    }
    for trans_b in [false, true] {
        let mut b = Build::default();
        let x = b.input(&[3, 4]);
        let w = b.constant(random_f32(if trans_b { &[5, 4] } else { &[4, 5] }, 7));
        let bias = b.constant(random_f32(&[5], 9));
        let g = b.node(Gemm { alpha: 0.5, beta: 2.0, trans_a: false, trans_b }, &[x, w, bias]);
        let y = batch_norm(&mut b, g, 5);
        assert_eq!(b.check(Some("fold_batch_norm"), &[y]), ["Gemm"]);
    }
}

#[test]
fn zero_pads_become_windows() {
    let mut b = Build::default();
    let x = b.input(&[1, 3, 6, 7]);
    let pads = b.constant(i64s(&[0, 0, 1, 2, 0, 0, 3, 4]));
    let w = b.constant(random_f32(&[4, 3, 3, 3], 7));
    let p = b.node(Pad::default(), &[x, pads]);
    let c = b.node(conv(), &[p, w]);
    let q = b.node(Pad::default(), &[c, pads]);
    let window = Window { kernel: vec![3, 2], ..Window::default() };
    let pool = Pool { kind: PoolKind::Average { count_include_pad: false }, window, ceil_mode: false };
    let y = b.node(pool, &[q]);
    assert_eq!(b.check(Some("fold_pad"), &[y]), ["Conv", "AveragePool"]);
}

#[test]
fn pads_of_other_values_and_channels_stay() {
    let mut b = Build::default();
    let x = b.input(&[1, 2, 6, 7]);
    let (pads, value) = (b.constant(i64s(&[0, 0, 1, 2, 0, 0, 3, 4])), b.constant(Tensor::scalar(1.0f32)));
    let channels = b.constant(i64s(&[0, 1, 0, 0, 0, 0, 0, 0]));
    let w = b.constant(random_f32(&[4, 3, 3, 3], 7));
    let p = b.node(Pad::default(), &[x, pads, value]);
    let q = b.node(Pad::default(), &[p, channels]);
    let y = b.node(conv(), &[q, w]);
    assert_eq!(b.check(Some("fold_pad"), &[y]), ["Pad", "Pad", "Conv"]);
}

#[test]
fn nodes_that_do_nothing_go() {
    let mut b = Build::default();
    let x = b.input(&[2, 3, 5]);
    let a = b.node(unary(UnaryKind::Identity), &[x]);
    let d = b.node(Dropout, &[a]);
    let t = b.node(Transpose { perm: Some(vec![0, 1, 2]) }, &[d]);
    let y = b.node(unary(UnaryKind::Tanh), &[t]);
    let real = b.node(Transpose { perm: Some(vec![0, 2, 1]) }, &[y]);
    assert_eq!(b.check(Some("identity"), &[real]), ["Tanh", "Transpose"]);
}

#[test]
fn groups_of_passes_can_be_disabled() {
    let mut b = Build::default();
    let x = b.input(&[2, 3]);
    let e = b.node(unary(UnaryKind::Exp), &[x]);
    let y = b.node(unary(UnaryKind::Neg), &[e]);
    b.graph.outputs = vec![y];
    let bound = bind(&b.graph, &[TensorType::new(DType::F32, [2, 3])]).unwrap().graph;
    let mut off = bound.clone();
    optimize(&mut off, &Options { disabled: vec!["fusion".to_owned()] }).unwrap();
    assert_eq!(off.nodes.len(), 2);
    let mut on = bound;
    optimize(&mut on, &Options::default()).unwrap();
    assert_eq!(on.nodes.len(), 1);
}

/// The branch that a constant condition takes runs in place of the If, whatever the other one holds.
#[test]
fn constant_ifs_are_inlined() {
    for condition in [true, false] {
        let mut b = Build::default();
        let x = b.input(&[2, 3]);
        let branch = |kind| {
            let mut body = Graph::default();
            let v = body.add_input("captured", DType::F32, None);
            let y = body.add_node("inner", Unary { kind }.into(), &[Some(v)], 1);
            body.outputs = vec![y[0], v];
            body
        };
        let op = If { then_branch: branch(UnaryKind::Relu), else_branch: branch(UnaryKind::Neg) };
        let c = b.constant(Tensor::from_bools(&[], &[condition]).unwrap());
        let inputs = [Some(c), Some(x), Some(x)];
        let outputs = b.graph.add_node("choice", op.into(), &inputs, 2);
        let sum = b.node(Binary { kind: BinaryKind::Add }, &outputs);
        let left = b.check(Some("inline_if"), &[sum]);
        assert!(!left.contains(&"If") && left.contains(if condition { &"Relu" } else { &"Neg" }), "{left:?}");
    }
}
