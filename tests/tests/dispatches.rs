//! How many device calls networks of the kinds that people run become: one for each convolution, and those that are named.
//! The results are those of the naive references, with floats of 32 and of 16 bits between the nodes.

use std::collections::{BTreeMap, BTreeSet};

use ocelli_graph::ops::binary::{Binary, BinaryKind};
use ocelli_graph::ops::concat::Concat;
use ocelli_graph::ops::conv::Conv;
use ocelli_graph::ops::depth_to_space::{DepthSpaceKind, DepthToSpace};
use ocelli_graph::ops::gemm::Gemm;
use ocelli_graph::ops::global_pool::{GlobalPool, GlobalPoolKind};
use ocelli_graph::ops::pool::{Pool, PoolKind};
use ocelli_graph::ops::reshape::{Reshape, ReshapeKind};
use ocelli_graph::ops::resize::{CoordinateMode, NearestMode, Resize, ResizeMode};
use ocelli_graph::ops::slice::Slice;
use ocelli_graph::ops::transpose::Transpose;
use ocelli_graph::ops::unary::{Unary, UnaryKind};
use ocelli_graph::ops::window::Window;
use ocelli_graph::plan::{OutputForm, Placement, Plan, Precision, Target};
use ocelli_graph::{Graph, Op, TensorType, ValueId, bind, interpreter, passes};
use ocelli_runtime::{Engine, RunOptions, Session};
use ocelli_tensor::{DType, Dim, Tensor};
use ocelli_testing::{Tolerance, compare, engine};

/// A network under construction; shapes are followed so that weights fit.
struct Net {
    graph: Graph,
    input: Vec<usize>,
    convolutions: usize,
}

/// A value and its channels.
type Map = (ValueId, usize);

fn noise(shape: &[usize], seed: u64, size: f32) -> Tensor {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f32 / (1u64 << 23) as f32 - 1.0
    };
    let values = (0..shape.iter().product()).map(|_| next() * size).collect();
    Tensor::from_vec(shape, values).expect("the values fill the shape")
}

impl Net {
    fn new(shape: [usize; 4]) -> (Net, Map) {
        let mut graph = Graph::default();
        let x = graph.add_input("x", DType::F32, Some(shape.map(Dim::Fixed).to_vec()));
        (Net { graph, input: shape.to_vec(), convolutions: 0 }, (x, shape[1]))
    }

    fn node(&mut self, op: impl Into<Op>, inputs: &[ValueId]) -> ValueId {
        let inputs: Vec<Option<ValueId>> = inputs.iter().copied().map(Some).collect();
        let name = format!("n{}", self.graph.nodes.len());
        self.graph.add_node(&name, op.into(), &inputs, 1)[0]
    }

    fn constant(&mut self, tensor: Tensor) -> ValueId {
        self.graph.add_constant("constant", tensor)
    }

    fn integers(&mut self, values: &[i64]) -> ValueId {
        self.constant(Tensor::vector(values.to_vec()))
    }

    /// A convolution that keeps the variance of what goes through it; `kernel` is odd, pads keep the size.
    fn conv(&mut self, x: Map, outputs: usize, kernel: usize, stride: usize) -> Map {
        self.convolutions += 1;
        let seed = self.graph.nodes.len() as u64;
        let size = (3.0 / (x.1 * kernel * kernel) as f32).sqrt();
        let w = self.constant(noise(&[outputs, x.1, kernel, kernel], seed + 1, size));
        let b = self.constant(noise(&[outputs], seed + 2, 0.3));
        let window = Window { strides: vec![stride; 2], pads: vec![(kernel / 2) as i64; 4], ..Window::default() };
        (self.node(Conv { group: 1, window }, &[x.0, w, b]), outputs)
    }

    fn unary(&mut self, x: Map, kind: UnaryKind) -> Map {
        (self.node(Unary { kind }, &[x.0]), x.1)
    }

    fn binary(&mut self, kind: BinaryKind, a: Map, b: Map) -> Map {
        (self.node(Binary { kind }, &[a.0, b.0]), a.1)
    }

    fn silu(&mut self, x: Map) -> Map {
        let gate = self.unary(x, UnaryKind::Sigmoid);
        self.binary(BinaryKind::Mul, x, gate)
    }

    fn prelu(&mut self, x: Map) -> Map {
        let slopes = self.constant(noise(&[x.1, 1, 1], 77, 0.3));
        (self.node(Binary { kind: BinaryKind::PRelu }, &[x.0, slopes]), x.1)
    }

    fn concat(&mut self, parts: &[Map]) -> Map {
        let ids: Vec<ValueId> = parts.iter().map(|p| p.0).collect();
        (self.node(Concat { axis: 1 }, &ids), parts.iter().map(|p| p.1).sum())
    }

    fn reshape(&mut self, x: ValueId, shape: &[i64]) -> ValueId {
        let shape = self.integers(shape);
        self.node(Reshape { kind: ReshapeKind::Reshape { allow_zero: false } }, &[x, shape])
    }

    fn enlarged(&mut self, x: Map, times: f32) -> Map {
        let op = Resize {
            mode: ResizeMode::Nearest,
            coordinate_transformation_mode: CoordinateMode::Asymmetric,
            nearest_mode: NearestMode::Floor,
            ..Resize::default()
        };
        let scales = self.constant(Tensor::vector(vec![1.0f32, 1.0, times, times]));
        (self.graph.add_node("enlarged", op.into(), &[Some(x.0), None, Some(scales)], 1)[0], x.1)
    }

    fn pool(&mut self, x: Map, kernel: usize, stride: usize) -> Map {
        let window = Window {
            kernel: vec![kernel; 2],
            strides: vec![stride; 2],
            pads: vec![(kernel / 2) as i64; 4],
            ..Window::default()
        };
        let kind = PoolKind::Max { column_major: false };
        (self.node(Pool { kind, window, ceil_mode: false }, &[x.0]), x.1)
    }

    /// Every second pixel of a picture, four times.
    fn focus(&mut self, x: Map) -> Map {
        let parts: Vec<Map> = [[0, 0], [1, 0], [0, 1], [1, 1]]
            .into_iter()
            .map(|start| {
                let mut part = x.0;
                for (axis, first) in [2, 3].into_iter().zip(start) {
                    let operands = [[first], [i64::MAX], [axis], [2]].map(|v| self.integers(&v));
                    part = self.node(Slice, &[&[part], &operands[..]].concat());
                }
                (part, x.1)
            })
            .collect();
        self.concat(&parts)
    }
}

fn srvgg() -> Net {
    let (mut net, picture) = Net::new([2, 3, 7, 9]);
    let mut x = picture;
    for _ in 0..3 {
        x = net.conv(x, 12, 3, 1);
        x = net.prelu(x);
    }
    x = net.conv(x, 48, 3, 1);
    let shuffled = net.node(DepthToSpace { kind: DepthSpaceKind::Crd, blocksize: 4 }, &[x.0]);
    let base = net.enlarged(picture, 4.0);
    let y = net.binary(BinaryKind::Add, (shuffled, 3), base);
    net.graph.outputs = vec![y.0];
    net
}

fn espcn() -> Net {
    let (mut net, x) = Net::new([1, 1, 11, 6]);
    let mut y = x;
    for channels in [8, 5] {
        y = net.conv(y, channels, 3, 1);
        y = net.unary(y, UnaryKind::Tanh);
    }
    y = net.conv(y, 9, 3, 1);
    let parts = net.reshape(y.0, &[1, 1, 3, 3, 11, 6]);
    let moved = net.node(Transpose { perm: Some(vec![0, 1, 4, 2, 5, 3]) }, &[parts]);
    net.graph.outputs = vec![net.reshape(moved, &[1, 1, 33, 18])];
    net
}

fn dncnn() -> Net {
    let (mut net, picture) = Net::new([1, 1, 13, 10]);
    let mut x = picture;
    for _ in 0..3 {
        x = net.conv(x, 10, 3, 1);
        x = net.unary(x, UnaryKind::Relu);
    }
    x = net.conv(x, 1, 3, 1);
    let y = net.binary(BinaryKind::Sub, picture, x);
    net.graph.outputs = vec![y.0];
    net
}

fn resnet() -> Net {
    let (mut net, x) = Net::new([2, 3, 30, 26]);
    let x = net.conv(x, 8, 7, 2);
    let x = net.unary(x, UnaryKind::Relu);
    let mut x = net.pool(x, 3, 2);
    for stride in [1, 2, 1] {
        let side = if stride == 2 { net.conv(x, x.1 * 2, 1, stride) } else { x };
        let mut y = net.conv(x, 4, 1, 1);
        y = net.unary(y, UnaryKind::Relu);
        y = net.conv(y, 4, 3, stride);
        y = net.unary(y, UnaryKind::Relu);
        y = net.conv(y, side.1, 1, 1);
        y = net.binary(BinaryKind::Add, y, side);
        x = net.unary(y, UnaryKind::Relu);
    }
    let mean = net.node(GlobalPool { kind: GlobalPoolKind::Average }, &[x.0]);
    let flat = net.node(Reshape { kind: ReshapeKind::Flatten { axis: 1 } }, &[mean]);
    let (w, b) = (net.constant(noise(&[10, x.1], 5, 0.5)), net.constant(noise(&[10], 6, 0.5)));
    let gemm = Gemm { alpha: 1.0, beta: 1.0, trans_a: false, trans_b: true };
    net.graph.outputs = vec![net.node(gemm, &[flat, w, b])];
    net
}

/// A detector: gathered pixels first, gated blocks side by side, pooled pyramids, an upward path and two heads.
fn yolo() -> Net {
    let (mut net, picture) = Net::new([1, 3, 40, 56]);
    let block = |net: &mut Net, x: Map, outputs: usize, kernel: usize, stride: usize| {
        let y = net.conv(x, outputs, kernel, stride);
        net.silu(y)
    };
    let stem = net.focus(picture);
    let mut x = block(&mut net, stem, 8, 3, 1);
    x = block(&mut net, x, 12, 3, 2);
    let (a, b) = (block(&mut net, x, 6, 1, 1), block(&mut net, x, 6, 1, 1));
    let inner = block(&mut net, a, 6, 3, 1);
    let sum = net.binary(BinaryKind::Add, a, inner);
    let both = net.concat(&[sum, b]);
    let large = block(&mut net, both, 12, 1, 1);
    x = block(&mut net, large, 16, 3, 2);
    x = block(&mut net, x, 8, 1, 1);
    let pools = [5, 9, 13].map(|k| net.pool(x, k, 1));
    let pyramid = net.concat(&[&[x], &pools[..]].concat());
    let small = block(&mut net, pyramid, 12, 1, 1);
    let up = net.enlarged(small, 2.0);
    let joined = net.concat(&[up, large]);
    let fine = block(&mut net, joined, 12, 3, 1);
    let heads: Vec<ValueId> = [(fine, 10, 14), (small, 5, 7)]
        .into_iter()
        .map(|(level, h, w)| {
            let head = net.conv(level, 3 * 7, 1, 1);
            let parts = net.reshape(head.0, &[1, 3, 7, h, w]);
            let moved = net.node(Transpose { perm: Some(vec![0, 1, 3, 4, 2]) }, &[parts]);
            net.reshape(moved, &[1, 3 * h * w, 7])
        })
        .collect();
    let all = net.node(Concat { axis: 1 }, &heads);
    net.graph.outputs = vec![all];
    net
}

/// Dense blocks, whose convolutions read what lies side by side with their results.
fn rrdb() -> Net {
    let (mut net, x) = Net::new([1, 3, 12, 16]);
    let first = net.conv(x, 24, 3, 1);
    let mut trunk = first;
    for _ in 0..2 {
        let mut parts = vec![trunk];
        for _ in 0..2 {
            let all = if parts.len() > 1 { net.concat(&parts) } else { trunk };
            let y = net.conv(all, 24, 3, 1);
            parts.push(net.unary(y, UnaryKind::LeakyRelu { alpha: 0.2 }));
        }
        let all = net.concat(&parts);
        let y = net.conv(all, 24, 3, 1);
        let scale = net.constant(Tensor::scalar(0.2f32));
        let scaled = net.node(Binary { kind: BinaryKind::Mul }, &[y.0, scale]);
        trunk = net.binary(BinaryKind::Add, (scaled, 24), trunk);
    }
    let y = net.binary(BinaryKind::Add, trunk, first);
    net.graph.outputs = vec![y.0];
    net
}

/// Calls by kernel; the three stages of Winograd's algorithm, in however many passes, are one.
fn calls(net: &Net, target: &Target) -> BTreeMap<String, usize> {
    let ty = TensorType::new(DType::F32, net.input.clone());
    let mut graph = bind(&net.graph, &[ty]).expect("bound").graph;
    passes::optimize(&mut graph, &passes::Options::default()).expect("optimized");
    let plan = Plan::new(graph, &[], target).expect("planned");
    assert!(plan.placements.iter().all(|p| *p == Placement::Device), "{:?}", plan.placements);
    let (mut counts, mut transformed) = (BTreeMap::new(), BTreeSet::new());
    for call in plan.recordings().flat_map(|r| &r.calls) {
        let kernel = call.kernel.name.split('[').next().unwrap_or_default();
        let winograd = kernel.starts_with("conv.winograd");
        if winograd && !transformed.insert(call.origin.clone()) {
            continue;
        }
        let kind = if kernel.starts_with("conv.") { "conv" } else { kernel.split('.').next().unwrap_or_default() };
        *counts.entry(kind.to_owned()).or_default() += 1;
    }
    counts
}

/// What plans for: the portable floor, a software adapter and a GPU.
fn targets() -> [Target; 3] {
    let cores = Target { subgroup_min: 8, software: true, blocks: true, ..Target::default() };
    [Target::default(), cores.clone(), Target { software: false, ..cores }]
}

#[test]
fn a_convolution_is_one_call_and_little_else_is_one() {
    let more = |pairs: &[(&str, usize)]| pairs.iter().map(|&(k, n)| (k.to_owned(), n)).collect::<BTreeMap<_, _>>();
    let networks: [(&str, Net, BTreeMap<String, usize>); 5] = [
        ("SRVGG", srvgg(), more(&[])),
        ("ESPCN", espcn(), more(&[])),
        ("DnCNN", dncnn(), more(&[])),
        // Three pools of one value and the copy of that value beside theirs; the enlarged level.
        ("YOLO", yolo(), more(&[("pool", 3), ("elementwise", 1), ("resize", 1)])),
        ("ResNet", resnet(), more(&[("pool", 2), ("matmul", 1)])),
    ];
    for (name, net, mut expected) in networks {
        expected.insert("conv".to_owned(), net.convolutions);
        for target in targets() {
            assert_eq!(calls(&net, &target), expected, "{name} for {target:?}");
        }
        for half in [true, false] {
            let target = Target { precision: Precision::F16, native_f16: half, ..targets()[2].clone() };
            assert_eq!(calls(&net, &target), expected, "{name} in 16 bits for {target:?}");
        }
    }
}

/// The samples of a picture are stored by the last convolution itself.
#[test]
fn samples_need_no_call_of_their_own() {
    for (name, net) in [("SRVGG", srvgg()), ("DnCNN", dncnn()), ("RRDB", rrdb())] {
        for (target, output) in targets().into_iter().zip([OutputForm::Unorm8, OutputForm::Unorm16, OutputForm::Unorm8])
        {
            let samples = Target { output, ..target.clone() };
            assert_eq!(calls(&net, &samples), calls(&net, &target), "{name} for {samples:?}");
            let ty = TensorType::new(DType::F32, net.input.clone());
            let mut graph = bind(&net.graph, &[ty]).expect("bound").graph;
            passes::optimize(&mut graph, &passes::Options::default()).expect("optimized");
            let value = graph.outputs[0];
            let elems = graph.ty(value).expect("a type").elems() as u64;
            let plan = Plan::new(graph, &[], &samples).expect("planned");
            let recording = plan.recordings().last().expect("a recording");
            let (_, buffer) = recording.outputs.iter().find(|(v, _)| *v == value).expect("an output");
            let bytes = if output == OutputForm::Unorm8 { elems } else { 2 * elems };
            assert_eq!(recording.buffers[buffer.0 as usize].bytes(), bytes.next_multiple_of(16), "{name}");
        }
    }
}

#[test]
fn dense_blocks_need_no_copies_where_winograd_convolves() {
    let net = rrdb();
    let found = calls(&net, &targets()[1]);
    assert_eq!(found, BTreeMap::from([("conv".to_owned(), net.convolutions)]));
}

#[test]
fn networks_compute_what_the_references_do() {
    let engine = engine().expect("an adapter");
    let own = engine.target();
    for (name, net) in [
        ("SRVGG", srvgg()),
        ("ESPCN", espcn()),
        ("DnCNN", dncnn()),
        ("YOLO", yolo()),
        ("ResNet", resnet()),
        ("RRDB", rrdb()),
    ] {
        let inputs = [noise(&net.input, 99, 1.0)];
        let want = interpreter::run(&net.graph, &inputs).expect("the references run");
        let gpu = Target { software: false, ..own.clone() };
        let forms = [
            ("32 bits", own.clone(), Tolerance::F32),
            ("32 bits as on a GPU", gpu.clone(), Tolerance::F32),
            // Roundings of all layers add up.
            ("halves in words", halves(&gpu, false), Tolerance { relative_l2: 6e-3, relative_max: 2e-2 }),
            ("halves as f16", halves(&own, own.native_f16), Tolerance { relative_l2: 6e-3, relative_max: 2e-2 }),
        ];
        for (form, target, tolerance) in forms {
            let session = Session::for_target(&engine, net.graph.clone(), target).expect("a session");
            let got = session.run(&inputs).unwrap_or_else(|e| panic!("{name}, {form}: {e}"));
            for (got, want) in got.iter().zip(&want) {
                compare(got, want, tolerance).unwrap_or_else(|e| panic!("{name}, {form}: {e}"));
            }
        }
        pictures(&engine, name, &net, &inputs, &want);
    }
}

/// The results as samples: rounded to nearest, but for values that the last bits of sums move across the border.
fn pictures(engine: &Engine, name: &str, net: &Net, inputs: &[Tensor], want: &[Tensor]) {
    let session = Session::new(engine, net.graph.clone()).expect("a session");
    for (output, dtype, top) in [(OutputForm::Unorm8, DType::U8, 255.0), (OutputForm::Unorm16, DType::U16, 65535.0)] {
        let mut options = RunOptions { output, ..RunOptions::default() };
        let got = session.run_with(inputs, &mut options).unwrap_or_else(|e| panic!("{name}, {output:?}: {e}"));
        let mut between = 0;
        for (got, want) in got.iter().zip(want) {
            assert_eq!((got.dtype(), got.shape()), (dtype, want.shape()), "{name}");
            for (got, want) in got.to_f64s().into_iter().zip(want.to_f64s()) {
                let exact = want.clamp(0.0, 1.0) * top;
                assert!((got - exact).abs() <= 0.5 + 3e-5 * top, "{name}, {output:?}: expected {exact}, got {got}");
                between += usize::from(got > 0.0 && got < top);
            }
        }
        assert!(between > 4, "{name}: {between} samples are neither black nor white");
    }
}

fn halves(target: &Target, native_f16: bool) -> Target {
    Target { precision: Precision::F16, native_f16, allow_f16: false, ..target.clone() }
}
