//! `ocelli eval` beside a second program: ONNX Runtime, NumPy and Pillow through the same steps.

#![allow(clippy::unwrap_used, reason = "a test ends at its first surprise")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

fn data() -> Option<PathBuf> {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    let folder = std::env::var_os("OCELLI_TEST_DATA").map_or_else(|| Path::new(root).join("../shared"), PathBuf::from);
    if folder.join("images").is_dir() {
        return Some(folder.join("images"));
    }
    eprintln!("SKIPPED: no test data at {} (set OCELLI_TEST_DATA)", folder.display());
    None
}

fn run(task: &str, data: &Path, more: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ocelli"));
    command.args(["eval", "--json", "--task", task, "--data"]).arg(data).args(more).env_remove("RUST_LOG");
    command.output().unwrap()
}

fn eval(task: &str, data: &Path, more: &[&str]) -> Value {
    let out = run(task, data, more);
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    serde_json::from_slice(&out.stdout).unwrap()
}

fn near(got: &Value, wanted: f64, within: f64) {
    let value = got.as_f64().unwrap();
    assert!((value - wanted).abs() < within, "{value}, expected {wanted} within {within}");
}

#[test]
fn enlarging_gives_the_figures_of_a_second_program() {
    let Some(data) = data() else { return };
    let report = eval("sr", &data.join("set5"), &["--only", "bird_GT,butterfly_GT"]);
    for (name, psnr, bicubic_psnr, ssim, bicubic_ssim) in
        [("bird_GT", 42.1071, 36.8360, 0.988_711, 0.972_696), ("butterfly_GT", 33.8600, 27.4386, 0.972_510, 0.915_967)]
    {
        let got = &report["pictures"][name];
        near(&got["psnr_y"], psnr, 0.005);
        near(&got["bicubic_psnr_y"], bicubic_psnr, 0.005);
        near(&got["ssim_y"], ssim, 1e-4);
        near(&got["bicubic_ssim_y"], bicubic_ssim, 1e-4);
    }
    near(&report["mean"]["psnr_y"], 37.9835, 0.005);
    let report = eval("sr", &data.join("set5"), &["--only", "bird_GT", "--model", "ocelli-sr-x3"]);
    near(&report["mean"]["psnr_y"], 36.2078, 0.005);
    near(&report["mean"]["bicubic_ssim_y"], 0.926_418, 1e-4);
}

#[test]
fn denoising_gives_the_figures_of_a_second_program() {
    let Some(data) = data() else { return };
    let report = eval("denoise", &data.join("kodak24"), &["--only", "04,15", "--sigma", "25"]);
    let level = &report["levels"][0];
    for (name, psnr, noisy) in [("04", 32.4228, 20.3414), ("15", 32.1075, 20.8289)] {
        near(&level["pictures"][name]["psnr"], psnr, 0.005);
        near(&level["pictures"][name]["noisy_psnr"], noisy, 0.002);
    }
}

/// The recipe measured 0.909 with ONNX Runtime and a reduction of pictures by another program.
#[test]
fn detecting_gives_the_figure_of_the_recipe() {
    let Some(data) = data() else { return };
    let report = eval("detect", &data.join("bccd"), &[]);
    near(&report["map"], 0.909, 0.003);
    assert_eq!(report["classes"]["RBC"]["things"], 967);
}

#[test]
fn what_cannot_be_measured_is_said() {
    let Some(data) = data() else { return };
    let fails = |task: &str, folder: &str, more: &[&str], what: &str| {
        let out = run(task, &data.join(folder), more);
        let stderr = String::from_utf8_lossy(&out.stderr);
        assert_eq!(out.status.code(), Some(2), "{stderr}");
        assert!(stderr.contains(what), "{stderr}");
    };
    fails("sr", "set5", &["--only", "no-such"], "--only no-such");
    fails("sr", "set5", &["--model", "ocelli-denoise"], "does not enlarge");
    fails("denoise", "set5", &["--model", "ocelli-cells"], "is for detect");
    fails("denoise", "set5", &["--sigma", "300"], "--sigma 300");
}
