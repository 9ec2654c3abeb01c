//! Sessions in 16 bits: what fits is near the reference, and what does not fit goes back to 32 bits by itself.

use std::collections::BTreeSet;
use std::sync::Arc;

use ocelli_graph::ops::binary::{Binary, BinaryKind};
use ocelli_graph::ops::matmul::MatMul;
use ocelli_graph::ops::unary::{Unary, UnaryKind};
use ocelli_graph::plan::{self, BufferKind, Plan, Target};
use ocelli_graph::{Graph, Op, TensorType, bind, interpreter};
use ocelli_runtime::{Misfits, Precision, Session};
use ocelli_tensor::{DType, Dim, Tensor};
use ocelli_testing::{Tolerance, compare, engine};

const N: usize = 24;

type Fallible = Result<(), Box<dyn std::error::Error>>;

/// A chain of products of an `N` by `N` input with scaled identities; node i is called `scale{i}`.
fn scales(factors: &[f32]) -> Result<Graph, Box<dyn std::error::Error>> {
    let mut graph = Graph { name: "scales".to_owned(), ..Graph::default() };
    let mut value = graph.add_input("x", DType::F32, Some(vec![Dim::Fixed(N), Dim::Fixed(N)]));
    for (i, factor) in factors.iter().enumerate() {
        let identity: Vec<f32> = (0..N * N).map(|k| if k % (N + 1) == 0 { *factor } else { 0.0 }).collect();
        let matrix = graph.add_constant(format!("m{i}"), Tensor::from_vec(&[N, N], identity)?);
        value = graph.add_node(&format!("scale{i}"), Op::MatMul(MatMul), &[Some(value), Some(matrix)], 1)[0];
    }
    graph.outputs = vec![value];
    Ok(graph)
}

/// Values between 0.5 and 2.5 that 16 bits do not hold exactly.
fn input() -> Result<Tensor, Box<dyn std::error::Error>> {
    Ok(Tensor::from_vec(&[N, N], (0..N * N).map(|i| 1.5 + (i as f32 * 0.7).sin()).collect::<Vec<f32>>())?)
}

/// Runs in 16 bits; returns the nodes that went back to 32 bits (`None`: all) after checking the result.
fn run(graph: &Graph, x: &Tensor) -> Result<Option<BTreeSet<String>>, Box<dyn std::error::Error>> {
    let want = interpreter::run(graph, std::slice::from_ref(x))?;
    let session = Session::with_precision(&engine()?, graph.clone(), Precision::F16)?;
    for _ in 0..2 {
        let got = session.run(std::slice::from_ref(x))?;
        compare(&got[0], &want[0], Tolerance::F16)?;
    }
    Ok(session.full_precision_nodes().map(|nodes| (*nodes).clone()))
}

fn named(names: &[&str]) -> Option<BTreeSet<String>> {
    Some(names.iter().map(|n| (*n).to_owned()).collect())
}

#[test]
fn what_fits_stays_in_16_bits_and_is_rounded() -> Fallible {
    let (graph, x) = (scales(&[3.0, 0.25])?, input()?);
    assert_eq!(run(&graph, &x)?, named(&[]));
    let want = interpreter::run(&graph, std::slice::from_ref(&x))?;
    let got = Session::with_precision(&engine()?, graph.clone(), Precision::F16)?.run(std::slice::from_ref(&x))?;
    assert!(compare(&got[0], &want[0], Tolerance::F32).is_err(), "nothing was rounded to 16 bits");
    let got = Session::with_precision(&engine()?, graph, Precision::F32)?.run(&[x])?;
    Ok(compare(&got[0], &want[0], Tolerance::F32)?)
}

#[test]
fn a_layer_beyond_65504_goes_back() -> Fallible {
    assert_eq!(run(&scales(&[3.0, 1e5, 1e-5, 2.0])?, &input()?)?, named(&["scale1"]));
    Ok(())
}

#[test]
fn a_layer_of_values_too_small_goes_back() -> Fallible {
    assert_eq!(run(&scales(&[3.0, 1e-9, 1e9, 2.0])?, &input()?)?, named(&["scale1"]));
    Ok(())
}

#[test]
fn two_layers_in_a_row_go_back() -> Fallible {
    assert_eq!(run(&scales(&[1e5, 2.0, 1e-5, 1.0])?, &input()?)?, named(&["scale0", "scale1"]));
    Ok(())
}

/// The smallest values become zero beside large ones, and their reciprocal is infinite where 32 bits have a number.
#[test]
fn a_result_that_only_16_bits_make_infinite_sends_all_back() -> Fallible {
    let mut graph = scales(&[1.0])?;
    let inverse = Op::Unary(Unary { kind: UnaryKind::Reciprocal });
    let value = graph.add_node("inverse", inverse, &[Some(graph.outputs[0])], 1)[0];
    let zero = graph.add_constant("floor", Tensor::scalar(0.25f32));
    let smallest = Op::Binary(Binary { kind: BinaryKind::Mul });
    graph.outputs = graph.add_node("scaled", smallest, &[Some(value), Some(zero)], 1);
    let mut values = vec![2.0f32; N * N];
    values[3] = 1e-9;
    assert_eq!(run(&graph, &Tensor::from_vec(&[N, N], values)?)?, None);
    Ok(())
}

/// Sums of 16 bits overflow although the whole sum fits: the kernel that makes them is left.
#[test]
fn sums_that_overflow_in_16_bits_send_all_back() -> Fallible {
    let target = Target { software: false, ..Precision::F16.target(&engine()?) };
    let target = Target { precision: plan::Precision::F16, allow_f16: true, exact_elems: 0, ..target };
    let mut graph = Graph { name: "sums".to_owned(), ..Graph::default() };
    let (side, large) = (64, Tensor::from_vec(&[64, 64], vec![300.0f32; 64 * 64])?);
    let x = graph.add_input("x", DType::F32, Some(vec![Dim::Fixed(side), Dim::Fixed(side)]));
    let x = graph.add_node("halves", Op::Unary(Unary { kind: UnaryKind::Abs }), &[Some(x)], 1)[0];
    // Every product is beyond 65504, and their sum is not.
    let signs = (0..side * side).map(|i| if i / side % 2 == 0 { 300.0 } else { -299.0 }).collect::<Vec<f32>>();
    let matrix = graph.add_constant("m", Tensor::from_vec(&[side, side], signs)?);
    graph.outputs = graph.add_node("sum", Op::MatMul(MatMul), &[Some(x), Some(matrix)], 1);
    let want = interpreter::run(&graph, std::slice::from_ref(&large))?;
    let decisions =
        Session::for_target(&engine()?, graph.clone(), target.clone())?.decisions(std::slice::from_ref(&large))?;
    let half = |c: &&String| c.starts_with("half ");
    let Some((key, candidate)) =
        decisions.iter().find_map(|d| Some((d.key.clone(), d.candidates.iter().find(half)?.clone())))
    else {
        assert!(!target.native_f16, "no kernel adds up in 16 bits");
        eprintln!("skipped: the adapter's shaders have no f16");
        return Ok(());
    };
    let session =
        Session::for_target(&engine()?, graph, Target { choices: Arc::new([(key, candidate)].into()), ..target })?;
    let got = session.run(std::slice::from_ref(&large))?;
    compare(&got[0], &want[0], Tolerance::F16)?;
    assert_eq!(session.full_precision_nodes(), None, "the kernel was not run, or its infinity was not seen");
    Ok(())
}

#[test]
fn recorded_work_reports_what_did_not_fit() -> Fallible {
    let (engine, x) = (engine()?, input()?);
    let graph = scales(&[3.0, 1e5, 1e-5])?;
    let session = Session::with_precision(&engine, graph, Precision::F16)?;
    let once = || -> Result<Misfits, Box<dyn std::error::Error>> {
        let program = session.prepare(&[TensorType::new(DType::F32, x.shape())])?;
        program.write_input("x", &x)?;
        let mut encoder = engine.device().create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        program.encode(&mut encoder);
        let read = program.read_misfits(&mut encoder).ok_or("nothing is reported")?;
        engine.queue().submit([encoder.finish()]);
        let pending = read();
        engine.device().poll(wgpu::PollType::wait_indefinitely())?;
        Ok(pollster::block_on(pending)?)
    };
    let first = once()?;
    assert_eq!(Some(first.nodes.clone()), named(&["scale1"]));
    assert!(session.learn(&first));
    let second = once()?;
    assert_eq!(second, Misfits::default());
    assert!(!session.learn(&second));
    Ok(())
}

#[test]
fn halves_take_half_the_memory() -> Fallible {
    let scratch = |precision| -> Result<u64, Box<dyn std::error::Error>> {
        let graph = bind(&scales(&[1.0, 2.0, 3.0])?, &[TensorType::new(DType::F32, [N, N])])?.graph;
        let plan = Plan::new(graph, &[], &Target { precision, ..Target::default() })?;
        let buffers = plan.recordings().flat_map(|r| &r.buffers);
        Ok(buffers.filter(|b| matches!(b.kind, BufferKind::Scratch(_))).map(|b| b.bytes()).sum())
    };
    assert_eq!(scratch(plan::Precision::F16)? * 2, scratch(plan::Precision::F32)?);
    Ok(())
}
