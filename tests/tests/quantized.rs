//! Quantised models, end to end on 8-bit kernels, against ONNX Runtime's run of the same model.
//!
//! Two engines that round alike differ at ties alone, and a difference of one step then spreads; it must stay small beside
//! what quantisation itself costs. So every output must lie within [`SHARE`] of the distance between ONNX Runtime's
//! quantised and unquantised results, and no farther from the unquantised result than ONNX Runtime's, within a tenth.

use std::path::Path;
use std::process::ExitCode;

use libtest_mimic::{Arguments, Failed, Trial};
use ocelli_graph::passes::{self, Options};
use ocelli_graph::{Op, Operator, TensorType, bind};
use ocelli_runtime::Session;
use ocelli_tensor::Tensor;
use ocelli_testing::engine;
use ocelli_tests::{numbered, oracle_folder, without_oracle};

/// Most that an output may differ from ONNX Runtime's, as a share of the error of quantisation.
const SHARE: f64 = 0.7;
/// How much farther from the unquantised result than ONNX Runtime an output may be.
const WORSE: f64 = 1.1;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    if without_oracle("quantised models against ONNX Runtime") {
        return libtest_mimic::run(&arguments, Vec::new()).exit_code();
    }
    let mut trials = vec![Trial::test("the_comparison_can_fail", || comparison_can_fail().map_err(Failed::from))];
    let folder = oracle_folder().map(|f| f.join("quantized"));
    let mut folders: Vec<_> =
        folder.iter().flat_map(std::fs::read_dir).flatten().flatten().map(|entry| entry.path()).collect();
    folders.sort();
    let count = folders.len();
    trials.push(Trial::test("there_are_models", move || match folder {
        Err(e) => Err(e.into()),
        Ok(folder) if count == 0 => {
            Err(format!("no model in {}: `cargo xtask oracle` makes them", folder.display()).into())
        }
        Ok(_) => Ok(()),
    }));
    trials.extend(folders.into_iter().map(|folder| {
        let name = folder.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
        Trial::test(name, move || run(&folder).map_err(Failed::from))
    }));
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn run(folder: &Path) -> Result<(), String> {
    let read = |stem: &str| numbered(folder, stem).map_err(|e| e.to_string());
    let (inputs, want, float) = (read("input")?, read("output")?, read("float")?);
    let model = ocelli_onnx::read_file(folder.join("model.onnx")).map_err(|e| e.to_string())?;
    let types: Vec<TensorType> = inputs.iter().map(|t| TensorType::new(t.dtype(), t.shape())).collect();
    let mut graph = bind(&model.graph, &types).map_err(|e| e.to_string())?.graph;
    passes::optimize(&mut graph, &Options::default()).map_err(|e| e.to_string())?;
    let quantised = graph.nodes.iter().filter(|n| matches!(n.op, Op::QLinearConv(_) | Op::QLinearMatMul(_))).count();
    let float_nodes: Vec<String> = graph
        .nodes
        .iter()
        .filter(|n| matches!(n.op, Op::Conv(_) | Op::Fused(_) | Op::Gemm(_) | Op::MatMul(_)))
        .map(|n| format!("{} `{}`", n.op.name(), n.name))
        .collect();
    if quantised == 0 || !float_nodes.is_empty() {
        return Err(format!("{quantised} quantised nodes; on floats: {}", float_nodes.join(", ")));
    }
    let engine = engine().map_err(|e| e.to_string())?;
    let session = Session::new(&engine, model.graph).map_err(|e| e.to_string())?;
    let got = session.run(&inputs).map_err(|e| e.to_string())?;
    if got.len() != want.len() || want.len() != float.len() || want.is_empty() {
        return Err(format!("{} outputs, expected {} and {}", got.len(), want.len(), float.len()));
    }
    let names = session.output_names();
    let wrong: Vec<String> = (0..got.len())
        .filter_map(|i| check(&got[i], &want[i], &float[i]).err().map(|e| format!("output `{}`: {e}", names[i])))
        .collect();
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n")) }
}

/// The distance of two tensors, relative to the second.
fn distance(a: &Tensor, b: &Tensor) -> f64 {
    let (a, b) = (a.to_f64s(), b.to_f64s());
    let square = |x: f64| x * x;
    let error: f64 = a.iter().zip(&b).map(|(a, b)| square(a - b)).sum();
    (error / b.iter().copied().map(square).sum::<f64>().max(1e-30)).sqrt()
}

/// Checks a result against ONNX Runtime's `want` and the unquantised `float`.
fn check(got: &Tensor, want: &Tensor, float: &Tensor) -> Result<(), String> {
    if got.dtype() != want.dtype() || got.shape() != want.shape() || want.shape() != float.shape() {
        return Err(format!("got {got:?}, expected {want:?}, unquantised {float:?}"));
    }
    let quantisation = distance(want, float);
    let (apart, error) = (distance(got, want), distance(got, float));
    eprintln!(
        "relative L2: {apart:.2e} from ONNX Runtime; from the unquantised {error:.3e}, ONNX Runtime {quantisation:.3e}"
    );
    // Written so that NaN fails.
    if apart <= SHARE * quantisation && error <= WORSE * quantisation {
        return Ok(());
    }
    Err(format!(
        "relative L2 {apart:.2e} from ONNX Runtime, {error:.3e} from the unquantised, which ONNX Runtime is {quantisation:.3e} from"
    ))
}

/// The unquantised result itself, the result shifted by one step of its grid, and one with a NaN must be rejected.
fn comparison_can_fail() -> Result<(), String> {
    let float: Vec<f32> = (0..4000).map(|i| (i as f32 * 0.37).sin()).collect();
    let step = 2.0 / 255.0f32;
    let rounded: Vec<f32> = float.iter().map(|x| (x / step).round() * step).collect();
    let (want, float) = (Tensor::vector(rounded.clone()), Tensor::vector(float));
    check(&want, &want, &float)?;
    let shifted = Tensor::vector(rounded.iter().map(|x| x + step).collect::<Vec<_>>());
    let mut nan = rounded;
    nan[7] = f32::NAN;
    for (what, wrong) in [("the unquantised", &float), ("shifted", &shifted), ("NaN", &Tensor::vector(nan))] {
        if check(wrong, &want, &float).is_ok() {
            return Err(format!("{what} result was accepted"));
        }
    }
    Ok(())
}
