//! Concat without copies: how many calls each graph needs, and that the device computes the same as the references.
#![allow(clippy::unwrap_used, reason = "a test ends at its first surprise")]

use ocelli_graph::ops::concat::Concat;
use ocelli_graph::ops::conv::Conv;
use ocelli_graph::ops::reshape::{Reshape, ReshapeKind};
use ocelli_graph::ops::transpose::Transpose;
use ocelli_graph::ops::unary::{Unary, UnaryKind};
use ocelli_graph::ops::util::{i64s, random_f32};
use ocelli_graph::plan::{Plan, Target};
use ocelli_graph::{Graph, Op, TensorType, ValueId, bind, interpreter};
use ocelli_runtime::Session;
use ocelli_tensor::{DType, Dim};
use ocelli_testing::{Tolerance, compare, engine};

/// A graph with one input `x` of `[2, 3, 4, 5]`.
struct Builder {
    graph: Graph,
    x: ValueId,
}

impl Builder {
    fn new() -> Builder {
        let mut graph = Graph::default();
        let dims = [2, 3, 4, 5].map(Dim::Fixed).to_vec();
        let x = graph.add_input("x", DType::F32, Some(dims));
        Builder { graph, x }
    }

    fn node(&mut self, name: &str, op: impl Into<Op>, inputs: &[ValueId]) -> ValueId {
        let inputs: Vec<Option<ValueId>> = inputs.iter().map(|&v| Some(v)).collect();
        self.graph.add_node(name, op.into(), &inputs, 1)[0]
    }

    fn f(&mut self, name: &str, input: ValueId, alpha: f32) -> ValueId {
        let kind = UnaryKind::LeakyRelu { alpha };
        self.node(name, Unary { kind }, &[input])
    }

    fn conv(&mut self, name: &str, input: ValueId, channels: usize, filters: usize) -> ValueId {
        let w = random_f32(&[filters, channels, 1, 1], 7);
        let w = self.graph.add_constant("w", w);
        let op = Conv { group: 1, window: ocelli_graph::ops::window::Window::default() };
        self.node(name, op, &[input, w])
    }

    fn concat(&mut self, axis: i64, parts: &[ValueId]) -> ValueId {
        self.node("concat", Concat { axis }, parts)
    }

    fn reshape(&mut self, input: ValueId, shape: &[i64]) -> ValueId {
        let shape = self.graph.add_constant("shape", i64s(shape));
        self.node("reshape", Reshape { kind: ReshapeKind::Reshape { allow_zero: false } }, &[input, shape])
    }

    /// Checks that the plan has `calls` calls, and the results on the device.
    fn check(mut self, outputs: &[ValueId], calls: usize) {
        self.graph.outputs = outputs.to_vec();
        let x = random_f32(&[2, 3, 4, 5], 1);
        let bound = bind(&self.graph, &[TensorType::new(DType::F32, x.shape())]).unwrap();
        let plan = Plan::new(bound.graph, &[], &Target::default()).unwrap();
        let text: String = plan.recordings().map(ToString::to_string).collect();
        let got: usize = plan.recordings().map(|r| r.calls.len()).sum();
        assert_eq!(got, calls, "{text}");
        plan.recordings().for_each(|r| r.verify().unwrap());

        let want = interpreter::run(&self.graph, std::slice::from_ref(&x)).unwrap();
        let got = Session::new(&engine().unwrap(), self.graph).unwrap().run(&[x]).unwrap();
        assert_eq!(got.len(), want.len());
        for (got, want) in got.iter().zip(&want) {
            compare(got, want, Tolerance::F32).unwrap();
        }
    }
}

#[test]
fn convolutions_write_their_channels() {
    let mut b = Builder::new();
    let parts = [b.conv("a", b.x, 3, 4), b.conv("b", b.x, 3, 2), b.f("c", b.x, 0.5)];
    let out = b.concat(1, &parts);
    b.check(&[out], 3);
}

#[test]
fn a_concat_inside_a_concat() {
    let mut b = Builder::new();
    let parts = [b.f("a", b.x, 0.1), b.f("b", b.x, 0.2)];
    let inner = b.concat(3, &parts);
    let other = b.concat(3, &[parts[1], parts[0]]);
    let other = b.f("other", other, 0.3);
    let out = b.concat(1, &[inner, other]);
    // a and b once, in the inner part; the swapped concat copies both, and its function writes in place.
    b.check(&[out], 5);
}

#[test]
fn inputs_and_constants_are_copied() {
    let mut b = Builder::new();
    let constant = b.graph.add_constant("constant", random_f32(&[2, 1, 4, 5], 3));
    let a = b.f("a", b.x, 0.1);
    let out = b.concat(1, &[b.x, constant, a]);
    b.check(&[out], 3);
}

#[test]
fn one_value_twice() {
    let mut b = Builder::new();
    let a = b.f("a", b.x, 0.1);
    let out = b.concat(2, &[a, a]);
    // The second part is copied through an intermediate: one call cannot read and write the buffer.
    b.check(&[out], 3);
}

#[test]
fn a_part_that_is_a_graph_output() {
    let mut b = Builder::new();
    let parts = [b.f("a", b.x, 0.1), b.f("b", b.x, 0.2)];
    let out = b.concat(1, &parts);
    b.check(&[out, parts[0]], 3);
}

#[test]
fn a_part_that_reads_another_part() {
    let mut b = Builder::new();
    let first = b.f("a", b.x, 0.1);
    let second = b.f("b", first, 0.2);
    let out = b.concat(1, &[first, second]);
    b.check(&[out], 3);
}

#[test]
fn a_dense_block() {
    let mut b = Builder::new();
    let first = b.conv("a", b.x, 3, 4);
    let second = b.conv("b", first, 4, 2);
    let both = b.concat(1, &[first, second]);
    let third = b.conv("c", both, 6, 2);
    let out = b.concat(1, &[both, third]);
    let out = b.f("out", out, 0.5);
    // Without places in the output it would be 3 + 4 copies; parts that read the output are the ones copied.
    b.check(&[out], 6);
}

#[test]
fn growing_lists_share_one_buffer() {
    let mut b = Builder::new();
    let mut parts = vec![b.f("x", b.x, 0.1)];
    let mut channels = 3;
    let mut last = b.concat(1, &parts);
    for i in 0..4 {
        parts.push(b.conv("grow", last, channels, 2));
        channels += 2;
        let lists = b.concat(1, &parts);
        last = if i < 3 { lists } else { b.f("out", lists, 0.5) };
    }
    // x in place; each convolution reads the buffer, so that its result is copied into it, but once; and the last call.
    b.check(&[last], 1 + 4 * 2 + 1);
}

#[test]
fn a_list_in_another_order_is_copied() {
    let mut b = Builder::new();
    let parts = [b.f("a", b.x, 0.1), b.f("b", b.x, 0.2)];
    let swapped = b.concat(1, &[parts[1], parts[0]]);
    let swapped = b.conv("c", swapped, 6, 2);
    let out = b.concat(1, &[parts[0], parts[1], swapped]);
    b.check(&[out], 5);
}

#[test]
fn through_reshape_and_transpose() {
    let mut b = Builder::new();
    let parts = [b.f("a", b.x, 0.1), b.f("b", b.x, 0.2)].map(|v| b.reshape(v, &[2, 3, 20]));
    let rows = b.concat(2, &parts);
    let perm = Some(vec![0, 2, 3, 1]);
    let parts = [b.f("c", b.x, 0.3), b.f("d", b.x, 0.4)].map(|v| b.node("t", Transpose { perm: perm.clone() }, &[v]));
    let last = b.concat(-1, &parts);
    b.check(&[rows, last], 4);
}

#[test]
fn a_reshaped_convolution() {
    let mut b = Builder::new();
    let parts = [b.conv("a", b.x, 3, 4), b.conv("b", b.x, 3, 4)].map(|v| b.reshape(v, &[2, 4, -1]));
    let out = b.concat(2, &parts);
    b.check(&[out], 2);
}
