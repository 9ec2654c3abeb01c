//! How the engine behaves on a device: determinism, sharing, limits, cancellation and errors. Oracle: the naive
//! references.

use ocelli_graph::ops::conv::Conv;
use ocelli_graph::ops::unary::{Unary, UnaryKind};
use ocelli_graph::ops::window::Window;
use ocelli_graph::{BindError, Graph, Op, TensorType, interpreter};
use ocelli_runtime::{Engine, EngineOptions, RunOptions, RuntimeError, Session};
use ocelli_tensor::{DType, Dim, Tensor};
use ocelli_testing::{Tolerance, compare, engine};

/// Numbers without pattern in -1..1.
fn noise(shape: &[usize], seed: u64) -> Tensor {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let values = (0..shape.iter().product())
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 40) as f32 / (1u64 << 23) as f32 - 1.0
        })
        .collect();
    Tensor::from_vec(shape, values).expect("the values fill the shape")
}

fn unary(kind: UnaryKind) -> Op {
    Unary { kind }.into()
}

fn conv(pads: [i64; 4], strides: [usize; 2]) -> Op {
    let window = Window { pads: pads.to_vec(), strides: strides.to_vec(), ..Window::default() };
    Conv { group: 1, window }.into()
}

/// `x [n, 3, h, w]` → Conv, LeakyRelu, Conv, Sigmoid → `y [n, 2, ...]`, every dimension but the channels open.
fn network(seed: u64) -> Graph {
    let mut graph = Graph::default();
    let open = |name: &str| Dim::Symbol(name.into());
    let dims = vec![open("n"), Dim::Fixed(3), open("h"), open("w")];
    let x = graph.add_input("x", DType::F32, Some(dims));
    let w1 = graph.add_constant("w1", noise(&[5, 3, 3, 3], seed));
    let b1 = graph.add_constant("b1", noise(&[5], seed + 1));
    let w2 = graph.add_constant("w2", noise(&[2, 5, 3, 1], seed + 2));
    let operands = [Some(x), Some(w1), Some(b1)];
    let a = graph.add_node("conv1", conv([1, 0, 1, 2], [1, 2]), &operands, 1)[0];
    let kind = UnaryKind::LeakyRelu { alpha: 0.1 };
    let a = graph.add_node("leaky", unary(kind), &[Some(a)], 1)[0];
    let a = graph.add_node("conv2", conv([0, 1, 1, 0], [2, 1]), &[Some(a), Some(w2)], 1)[0];
    graph.outputs = graph.add_node("y", unary(UnaryKind::Sigmoid), &[Some(a)], 1);
    graph
}

fn session(graph: Graph) -> Session {
    let engine = engine().expect("an adapter");
    Session::new(&engine, graph).expect("a valid graph")
}

fn agrees(got: &[Tensor], graph: &Graph, inputs: &[Tensor]) {
    let want = interpreter::run(graph, inputs).expect("the references run");
    assert_eq!(got.len(), want.len());
    for (got, want) in got.iter().zip(&want) {
        compare(got, want, Tolerance::F32).expect("the device agrees with the references");
    }
}

#[test]
fn two_runs_give_the_same_bytes() {
    let x = noise(&[2, 3, 37, 53], 3);
    let session = session(network(1));
    let first = session.run(std::slice::from_ref(&x)).expect("runs");
    agrees(&first, &network(1), std::slice::from_ref(&x));
    for _ in 0..3 {
        let again = session.run(std::slice::from_ref(&x)).expect("runs");
        assert_eq!(first[0].bytes(), again[0].bytes());
    }
}

#[test]
fn results_that_share_a_buffer_and_inputs_that_pass_through() {
    let mut graph = network(6);
    let y = graph.outputs[0];
    let x = graph.inputs[0].value;
    let same = graph.add_node("same", unary(UnaryKind::Identity), &[Some(y)], 1)[0];
    let relu = graph.add_node("relu", unary(UnaryKind::Relu), &[Some(x)], 1)[0];
    graph.outputs = vec![y, x, same, relu, y];
    let session = session(graph.clone());
    // The second run meets the buffers of the first.
    for seed in [21, 22] {
        let inputs = [noise(&[1, 3, 30, 31], seed)];
        agrees(&session.run(&inputs).expect("runs"), &graph, &inputs);
    }
}

#[test]
fn a_batch_is_its_images_one_by_one() {
    let batch = noise(&[3, 3, 19, 23], 5);
    let session = session(network(2));
    let together = session.run(std::slice::from_ref(&batch)).expect("runs");
    let y = together[0].to_f32s();
    let x = batch.to_f32s();
    for i in 0..3 {
        let n = x.len() / 3;
        let one = x[i * n..][..n].to_vec();
        let one = Tensor::from_vec(&[1, 3, 19, 23], one).expect("a third of the batch");
        let alone = session.run(&[one]).expect("runs")[0].to_f32s();
        assert_eq!(alone, y[i * alone.len()..][..alone.len()], "image {i}");
    }
}

#[test]
fn one_session_takes_any_size_and_many_threads() {
    let session = session(network(3));
    std::thread::scope(|scope| {
        for (i, (h, w)) in [(8, 9), (33, 5), (8, 9), (16, 64)].into_iter().enumerate() {
            let session = &session;
            scope.spawn(move || {
                let x = [noise(&[1, 3, h, w], i as u64)];
                let got = session.run(&x).expect("runs");
                agrees(&got, &network(3), &x);
            });
        }
    });
}

#[test]
fn more_than_65535_workgroups() {
    let n = 65_535 * 64 + 4_099;
    let mut graph = Graph::default();
    let x = graph.add_input("x", DType::F32, None);
    graph.outputs = graph.add_node("relu", unary(UnaryKind::Relu), &[Some(x)], 1);
    let values: Vec<f32> = (0..n).map(|i| (i % 8191) as f32 - 4000.5).collect();
    let want: Vec<f32> = values.iter().map(|v| v.max(0.0)).collect();
    let x = Tensor::from_vec(&[n], values).expect("fills");
    let got = session(graph).run(&[x]).expect("runs");
    assert!(got[0].to_f32s() == want);
}

#[test]
fn two_sessions_record_into_one_encoder_on_the_callers_device() {
    let mut desc = wgpu::InstanceDescriptor::new_without_display_handle();
    desc.backends = wgpu::Backends::VULKAN | wgpu::Backends::METAL | wgpu::Backends::DX12;
    let instance = wgpu::Instance::new(desc);
    let options = wgpu::RequestAdapterOptions::default();
    let adapter = pollster::block_on(instance.request_adapter(&options)).expect("an adapter");
    // Default limits and no feature: what an application that knows nothing of the engine asks for.
    let (device, queue) =
        pollster::block_on(adapter.request_device(&wgpu::DeviceDescriptor::default())).expect("a device");
    let engine = Engine::from_device(device.clone(), queue.clone());
    let graphs = [network(7), network(11)];
    let inputs = [noise(&[1, 3, 21, 34], 1), noise(&[2, 3, 14, 9], 2)];
    let programs: Vec<_> = graphs
        .iter()
        .zip(&inputs)
        .map(|(graph, x)| {
            let session = Session::new(&engine, graph.clone()).expect("a valid graph");
            let program =
                session.prepare(&[TensorType::new(DType::F32, x.shape())]).expect("all of it runs on the device");
            program.write_input("x", x).expect("the right type");
            program
        })
        .collect();
    let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
    for program in &programs {
        program.encode(&mut encoder);
    }
    let reads: Vec<_> = programs.iter().map(|p| p.read_output(&mut encoder, "y").expect("the output")).collect();
    queue.submit([encoder.finish()]);
    let pending: Vec<_> = reads.into_iter().map(|read| read()).collect();
    device.poll(wgpu::PollType::wait_indefinitely()).expect("the device works");
    for ((pending, graph), x) in pending.into_iter().zip(&graphs).zip(inputs) {
        let got = pollster::block_on(pending).expect("read back");
        agrees(&[got], graph, &[x]);
    }
}

#[test]
fn cancelling_stops_and_leaves_the_session_usable() {
    let session = session(network(4));
    let x = [noise(&[1, 3, 40, 40], 9)];
    let mut asked = 0;
    let mut progress = |fraction: f32| {
        assert!((0.0..=1.0).contains(&fraction));
        asked += 1;
        false
    };
    let mut options = RunOptions { progress: Some(&mut progress), ..RunOptions::default() };
    let result = session.run_with(&x, &mut options);
    assert!(matches!(result, Err(RuntimeError::Cancelled)), "{result:?}");
    assert_eq!(asked, 1);
    agrees(&session.run(&x).expect("runs"), &network(4), &x);
}

#[test]
fn a_plan_above_the_memory_limit_is_refused() {
    let options = EngineOptions { memory_limit_bytes: Some(64 << 10), ..EngineOptions::default() };
    let engine = pollster::block_on(Engine::with_options(&options)).expect("an adapter");
    let session = Session::new(&engine, network(5)).expect("a valid graph");
    let result = session.run(&[noise(&[1, 3, 256, 256], 1)]);
    assert!(matches!(result, Err(RuntimeError::OutOfMemory(_))), "{result:?}");
    let small = [noise(&[1, 3, 12, 12], 1)];
    agrees(&session.run(&small).expect("fits"), &network(5), &small);
}

#[test]
fn errors_name_the_input() {
    let session = session(network(6));
    let x = || noise(&[1, 3, 8, 8], 1);
    let said = |result: Result<Vec<(String, Tensor)>, RuntimeError>, parts: &[&str]| {
        let message = result.expect_err("must be refused").to_string();
        for part in parts {
            assert!(message.contains(part), "`{part}` is not in: {message}");
        }
    };
    said(session.run_named(&[("x", x()), ("z", x())]), &["unknown input `z`", "x"]);
    said(session.run_named(&[]), &["`x` is missing"]);
    let f16 = x().cast(DType::F16).expect("casts");
    said(session.run_named(&[("x", f16)]), &["`x`", "f32", "f16"]);
    said(session.run_named(&[("x", noise(&[1, 4, 8, 8], 1))]), &["`x`", "1x4x8x8"]);
    said(session.run_named(&[("x", noise(&[3, 8, 8], 1))]), &["`x`", "3x8x8"]);
    // Fits the declaration, but leaves no pixel for the second convolution: the node is named.
    said(session.run_named(&[("x", noise(&[1, 3, 1, 1], 1))]), &["conv"]);
    let result = session.run(&[x(), x()]);
    assert!(matches!(result, Err(RuntimeError::Bind(BindError::InputCount { expected: 1, got: 2 }))), "{result:?}");
}

#[test]
fn an_unknown_device_is_refused_with_the_list() {
    let options = EngineOptions { device: Some("no such device".to_owned()), ..EngineOptions::default() };
    let Err(error) = pollster::block_on(Engine::with_options(&options)) else {
        panic!("opened an adapter that is not there");
    };
    assert!(matches!(error, RuntimeError::NoAdapter(_)), "{error}");
    assert!(error.to_string().contains("no such device"), "{error}");
}

/// Measuring keeps the result, is not repeated, and reaches the next engine through the folder; `reproducible` ignores it.
#[test]
fn measured_variants_are_kept_and_compute_the_same() {
    let folder = std::env::temp_dir().join(format!("ocelli-tune-{}", std::process::id()));
    let open = |reproducible| {
        let device = std::env::var("OCELLI_DEVICE").ok();
        let options =
            EngineOptions { device, cache_folder: Some(folder.clone()), reproducible, ..EngineOptions::default() };
        Engine::open(&options).expect("an adapter")
    };
    let mut graph = Graph::default();
    let dims = [1, 8, 12, 16].map(Dim::Fixed).to_vec();
    let x = graph.add_input("x", DType::F32, Some(dims));
    let w = graph.add_constant("w", noise(&[12, 8, 3, 3], 3));
    graph.outputs = graph.add_node("conv", conv([1, 1, 1, 1], [1, 1]), &[Some(x), Some(w)], 1);
    let inputs = [noise(&[1, 8, 12, 16], 4)];
    let types = [TensorType::new(DType::F32, [1, 8, 12, 16])];
    let budget = std::time::Duration::from_secs(60);
    let first = open(false);
    let session = Session::new(&first, graph.clone()).expect("a valid graph");
    let decisions = session.decisions(&inputs).expect("a plan");
    let candidates: Vec<&String> = decisions.iter().flat_map(|d| &d.candidates).collect();
    let tuned = session.tune(&types, budget).expect("measuring");
    if candidates.len() > 1 {
        let [t] = &tuned[..] else { panic!("{} decisions for one convolution", tuned.len()) };
        assert!(t.quarantined.is_empty(), "{:?}", t.quarantined);
        assert_eq!(t.times.len(), candidates.len());
        assert!(t.times.is_sorted_by_key(|t| t.1) && t.times.iter().all(|t| !t.1.is_zero()));
        let known = first.target().choices;
        assert_eq!(known.get(&t.key), Some(&t.times[0].0));
        assert_eq!(open(false).target().choices, known);
        assert!(open(true).target().choices.is_empty());
    }
    assert!(session.tune(&types, budget).expect("measuring").is_empty(), "measured twice");
    for engine in [open(false), open(true)] {
        let session = Session::new(&engine, graph.clone()).expect("a valid graph");
        agrees(&session.run(&inputs).expect("a run"), &graph, &inputs);
    }
    let _ = std::fs::remove_dir_all(&folder);
}
