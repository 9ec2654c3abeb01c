//! Real models, end to end: every output on the device against ONNX Runtime.
//!
//! Names in `OCELLI_TEST_DATA/models`; references from `cargo xtask oracle`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use libtest_mimic::{Arguments, Failed, Trial};
use ocelli_runtime::{Precision, Session};
use ocelli_tensor::Tensor;
use ocelli_testing::{Tolerance, compare, engine, test_data};
use ocelli_tests::{numbered, oracle_folder, without_oracle};

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    if without_oracle("real models against ONNX Runtime") {
        return libtest_mimic::run(&arguments, Vec::new()).exit_code();
    }
    let Some(data) = test_data("real models against ONNX Runtime") else {
        return libtest_mimic::run(&arguments, Vec::new()).exit_code();
    };
    let models = data.join("models");
    let mut files = Vec::new();
    find(&models, &mut files);
    files.sort();
    let mut trials: Vec<Trial> = files
        .into_iter()
        .map(|file| {
            let relative = file.strip_prefix(&models).unwrap_or(&file);
            let name = relative.with_extension("").display().to_string();
            let id = name.replace(['/', '\\'], "__");
            Trial::test(name, move || run(&file, &id).map_err(Failed::from))
        })
        .collect();
    let count = trials.len();
    trials.push(Trial::test("there_are_models", move || {
        if count > 0 { Ok(()) } else { Err("the test data has no model".into()) }
    }));
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn find(folder: &Path, files: &mut Vec<PathBuf>) {
    for path in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = path.path();
        if path.is_dir() {
            find(&path, files);
        } else if path.extension().is_some_and(|e| e == "onnx") {
            files.push(path);
        }
    }
}

fn run(file: &Path, id: &str) -> Result<(), String> {
    let folder = oracle_folder()?.join("models").join(id);
    if !folder.join("stamp.json").is_file() {
        return Err(format!("no reference at {}: `cargo xtask oracle` makes it", folder.display()));
    }
    let inputs = numbered(&folder, "input").map_err(|e| e.to_string())?;
    let want = numbered(&folder, "output").map_err(|e| e.to_string())?;
    let model = ocelli_onnx::read_file(file).map_err(|e| e.to_string())?;
    let engine = engine().map_err(|e| e.to_string())?;
    let halves = model.graph.clone();
    agree(Session::new(&engine, model.graph).map_err(|e| e.to_string())?, &inputs, &want, Tolerance::MODEL)?;
    // The classic graphs compare with thresholds, which no rounding leaves alone.
    if id.starts_with("onnx-cv-graph")
        || inputs.iter().map(|t| t.shape().iter().product::<usize>()).sum::<usize>() > SMALL
    {
        return Ok(());
    }
    let session = Session::with_precision(&engine, halves, Precision::F16).map_err(|e| e.to_string())?;
    agree(session, &inputs, &want, HALVES).map_err(|e| format!("in 16 bits: {e}"))
}

/// Most input elements of a model that is run in 16 bits as well, which takes long on software adapters.
const SMALL: usize = 40_000;

/// What 16 bits between layers may change in a model. Losing a layer or a bias changes more.
const HALVES: Tolerance = Tolerance { relative_l2: 6e-3, relative_max: 5e-2 };

fn agree(session: Session, inputs: &[Tensor], want: &[Tensor], tolerance: Tolerance) -> Result<(), String> {
    let got = session.run(inputs).map_err(|e| e.to_string())?;
    if got.len() != want.len() {
        return Err(format!("{} outputs, expected {}", got.len(), want.len()));
    }
    let names = session.output_names();
    let wrong: Vec<String> = got
        .iter()
        .zip(want)
        .enumerate()
        .filter_map(|(i, (got, want))| {
            let error = check(got, want, tolerance).err()?;
            Some(format!("output `{}`: {error}", names[i]))
        })
        .collect();
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n")) }
}

/// Integers must be equal; floats within the tolerance.
fn check(got: &Tensor, want: &Tensor, tolerance: Tolerance) -> Result<(), String> {
    let tolerance = if want.dtype().is_integer() { Tolerance::EXACT } else { tolerance };
    compare(got, want, tolerance)
}
