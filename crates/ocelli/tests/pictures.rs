//! Whole jobs on real pictures with real models, against what is published or was found by ONNX Runtime.
#![allow(clippy::unwrap_used, reason = "a test ends at its first surprise")]

use std::path::{Path, PathBuf};

use ocelli::tasks::{RestoreOptions, Task};
use ocelli::vision::{Depth, Detection, Image, Package, image_io, metrics, resample};
use ocelli::{Engine, EngineOptions};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// The shared test data, or `None` after saying what is skipped.
fn data(what: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("OCELLI_TEST_DATA").map_or_else(|| Path::new(ROOT).join("../shared"), PathBuf::from);
    if folder.join("models").is_dir() {
        return Some(folder);
    }
    eprintln!("SKIPPED: {what}: no test data at {} (set OCELLI_TEST_DATA)", folder.display());
    None
}

fn engine() -> Engine {
    Engine::open(&EngineOptions { device: std::env::var("OCELLI_DEVICE").ok(), ..Default::default() }).unwrap()
}

fn task(data: &Path, package: &str) -> Task {
    let toml = Path::new(ROOT).join("tests/packages").join(package);
    Task::from_package(&engine(), Package::read(&toml, &data.join("models")).unwrap()).unwrap()
}

fn json(path: PathBuf) -> serde_json::Value {
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn numbers(row: &serde_json::Value) -> Vec<f64> {
    row.as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect()
}

fn iou(d: &Detection, b: &[f64]) -> f64 {
    let (x0, y0) = (f64::from(d.bbox.x0).max(b[0]), f64::from(d.bbox.y0).max(b[1]));
    let (x1, y1) = (f64::from(d.bbox.x1).min(b[2]), f64::from(d.bbox.y1).min(b[3]));
    let inside = (x1 - x0).max(0.0) * (y1 - y0).max(0.0);
    inside / (f64::from(d.bbox.area()) + (b[2] - b[0]) * (b[3] - b[1]) - inside)
}

#[test]
fn yolox_nano_finds_what_onnx_runtime_finds() {
    let Some(data) = data("YOLOX-nano") else { return };
    let task = task(&data, "yolox-nano/yolox_nano.toml");
    let mut count = 0;
    for (name, rows) in json(data.join("models/yolox-nano/expected_detections.json")).as_object().unwrap() {
        let found = task.detect(&image_io::read(data.join("images/detect-samples").join(name)).unwrap()).unwrap();
        for row in rows.as_array().unwrap() {
            let b = numbers(&row["box"]);
            let label = row["cls"].as_str().unwrap().replace('_', " ");
            let score = row["score"].as_f64().unwrap();
            let near = |d: &Detection| iou(d, &b) > 0.9 && (f64::from(d.score) - score).abs() < 0.04;
            assert!(
                found.iter().any(|d| d.label == label && near(d)),
                "{name}: no {label} {score} at {b:?}: {found:?}"
            );
            count += 1;
        }
    }
    assert!(count >= 50, "{count} expected detections");
}

#[test]
fn ultraface_finds_what_onnx_runtime_finds() {
    let Some(data) = data("UltraFace") else { return };
    let task = task(&data, "ultraface/rfb320.toml");
    let mut count = 0;
    for (name, entry) in json(data.join("models/ultraface/expected_faces.json")).as_object().unwrap() {
        let found = task.detect(&image_io::read(data.join("images/faces").join(name)).unwrap()).unwrap();
        for row in entry["boxes_rfb320"].as_array().unwrap() {
            let b = numbers(row);
            assert!(found.iter().any(|d| iou(d, &b) > 0.9), "{name}: no face at {b:?}");
            count += 1;
        }
        let wanted = entry["rfb320"].as_u64().unwrap();
        assert!((found.len() as u64).abs_diff(wanted) <= 1, "{name}: {} faces, expected {wanted}", found.len());
    }
    assert!(count >= 50, "{count} expected faces");
}

/// As a file of 8 bits would hold it.
fn rounded(image: &Image) -> Image {
    Image::from_u8(image.width(), image.height(), image.channels(), &image.to_u8()).unwrap()
}

/// Mean Y-PSNR on Set5 as papers give it: antialiased bicubic reduction, 8 bits, shaved by the scale.
fn set5(task: &Task, data: &Path, scale: usize, names: &[&str]) -> f64 {
    let mut sum = 0.0;
    for name in names {
        let image = image_io::read(data.join(format!("images/set5/{name}_GT.bmp"))).unwrap();
        let (w, h) = (image.width() / scale, image.height() / scale);
        let truth = image.crop(0, 0, w * scale, h * scale).unwrap();
        let small = resample::imresize(truth.planes(), w, h).unwrap();
        let small = rounded(&Image::from_planes(small, Depth::U8).unwrap());
        let result = task.restore(&small, &RestoreOptions::default(), &mut |_| true).unwrap();
        sum += metrics::psnr_y(&truth, &rounded(&result), scale).unwrap();
    }
    sum / names.len() as f64
}

const SET5: [&str; 5] = ["baby", "bird", "butterfly", "head", "woman"];

/// Bicubic reaches 33.69 and 28.43 dB: a model that does nothing would fail.
#[test]
fn the_shipped_upscalers_are_as_good_as_their_packages_say() {
    let Some(data) = data("Set5") else { return };
    for (name, scale, least) in
        [("ocelli-sr-x2", 2, 37.15), ("ocelli-sr-fine-x2", 2, 37.4), ("ocelli-sr-fine-x4", 4, 31.1)]
    {
        let task = Task::open(&engine(), Path::new(ROOT).join("assets/models").join(name)).unwrap();
        let stated = task.package().quality[&format!("Set5 x{scale} Y-PSNR dB")];
        let got = set5(&task, &data, scale, &SET5);
        println!("{name}: {got:.3} dB");
        assert!((got - stated).abs() < 0.05 && got > least, "{name}: {got:.3} dB, stated {stated} dB");
    }
}

/// Gaussian noise from uniform numbers of a linear congruential generator (Box and Muller).
fn with_noise(image: &Image, sigma: f32, seed: u64) -> Image {
    let mut state = seed;
    let mut uniform = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((state >> 40) as f64 + 0.5) / f64::from(1 << 24)
    };
    let mut planes = image.rgb_planes();
    for v in planes.data_mut() {
        let normal = (-2.0 * uniform().ln()).sqrt() * (2.0 * std::f64::consts::PI * uniform()).cos();
        *v += sigma / 255.0 * normal as f32;
    }
    Image::from_planes(planes, Depth::U8).unwrap()
}

/// The noise differs from that of the stated figure, the pictures do not.
#[test]
fn the_shipped_denoiser_is_as_good_as_its_package_says() {
    let Some(data) = data("Kodak") else { return };
    let task = Task::open(&engine(), Path::new(ROOT).join("assets/models/ocelli-denoise")).unwrap();
    let stated = task.package().quality["Kodak (4 held out) sigma 25 PSNR dB"];
    let mut sum = 0.0;
    for (seed, name) in ["04", "15", "20", "23"].into_iter().enumerate() {
        let clean = image_io::read(data.join(format!("images/kodak24/{name}.png"))).unwrap();
        let noisy = rounded(&with_noise(&clean, 25.0, seed as u64));
        let result = task.restore(&noisy, &RestoreOptions::default(), &mut |_| true).unwrap();
        sum += metrics::psnr_rgb(&clean, &result, 0).unwrap();
    }
    let got = sum / 4.0;
    // The noisy pictures have 20.75 dB: a model that does nothing would fail.
    assert!((got - stated).abs() < 0.05 && got > 31.0, "{got:.3} dB, stated {stated} dB");
}

/// Told the level, on noise that is not clipped; told another, it takes away less or smooths too much.
#[test]
fn the_shipped_denoiser_that_is_told_the_level_is_as_good_as_its_package_says() {
    let Some(data) = data("Kodak") else { return };
    let task = Task::open(&engine(), Path::new(ROOT).join("assets/models/ocelli-denoise-sigma")).unwrap();
    let stated = task.package().quality["Kodak (4 held out) sigma 25 PSNR dB"];
    let mut sum = 0.0;
    for (seed, name) in ["04", "15", "20", "23"].into_iter().enumerate() {
        let clean = image_io::read(data.join(format!("images/kodak24/{name}.png"))).unwrap();
        let noisy = with_noise(&clean, 25.0, seed as u64);
        let psnr = |level| {
            let options = RestoreOptions { noise: Some(level), ..RestoreOptions::default() };
            let result = task.restore(&noisy, &options, &mut |_| true).unwrap();
            metrics::psnr_rgb(&clean, &rounded(&result), 0).unwrap()
        };
        let told = psnr(25.0);
        sum += told;
        if seed == 0 {
            // ONNX Runtime gives 32.50, 21.84 and 26.85 dB.
            let (less, more) = (psnr(10.0), psnr(50.0));
            assert!(
                (less - 21.84).abs() < 0.05 && (more - 26.85).abs() < 0.05,
                "{less:.3} dB, {told:.3} dB, {more:.3} dB"
            );
        }
    }
    let got = sum / 4.0;
    assert!((got - stated).abs() < 0.05 && got > 33.0, "{got:.3} dB, stated {stated} dB");
}

/// JPEG of quality 20 without subsampling of chroma. ONNX Runtime's outputs give 32.79 dB for libjpeg's files, which have
/// 31.32 dB: a model that does nothing would fail.
#[test]
fn what_jpeg_put_in_is_taken_away_as_well_as_under_onnx_runtime() {
    let Some(data) = data("Kodak as JPEG") else { return };
    let task = Task::open(&engine(), Path::new(ROOT).join("assets/models/ocelli-jpeg")).unwrap();
    let (mut before, mut after) = (0.0, 0.0);
    for name in ["04", "15", "20", "23"] {
        let clean = image_io::read(data.join(format!("images/kodak24/{name}.png"))).unwrap();
        let options = image_io::WriteOptions { jpeg_quality: 20, ..Default::default() };
        let file = image_io::encode(&clean, Path::new("kodak.jpg"), &options).unwrap();
        let coded = image_io::decode(&file, Path::new("kodak.jpg"), &Default::default()).unwrap();
        let result = task.restore(&coded, &RestoreOptions::default(), &mut |_| true).unwrap();
        before += metrics::psnr_rgb(&clean, &coded, 0).unwrap() / 4.0;
        after += metrics::psnr_rgb(&clean, &rounded(&result), 0).unwrap() / 4.0;
    }
    println!("{before:.3} dB, then {after:.3} dB");
    assert!((before - 31.32).abs() < 0.05 && (after - 32.79).abs() < 0.05, "{before:.3} dB, then {after:.3} dB");
}

/// An eighth of the light that a picture shows, as a file of 8 bits has it.
fn eighth_of_the_light(image: &Image) -> Image {
    let mut planes = image.rgb_planes();
    for v in planes.data_mut() {
        let linear = if *v <= 0.04045 { *v / 12.92 } else { ((*v + 0.055) / 1.055).powf(2.4) } / 8.0;
        *v = if linear <= 0.003_130_8 { linear * 12.92 } else { 1.055 * linear.powf(1.0 / 2.4) - 0.055 };
    }
    rounded(&Image::from_planes(planes, Depth::U8).unwrap())
}

/// ONNX Runtime's outputs between the same steps give 22.378 dB; the dark pictures have 9.489 dB.
#[test]
fn the_shipped_brightener_reaches_what_onnx_runtime_reaches() {
    let Some(data) = data("Kodak in the dark") else { return };
    let task = Task::open(&engine(), Path::new(ROOT).join("assets/models/ocelli-lowlight")).unwrap();
    let (mut before, mut after) = (0.0, 0.0);
    for name in ["04", "15", "20", "23"] {
        let clean = image_io::read(data.join(format!("images/kodak24/{name}.png"))).unwrap();
        let dark = eighth_of_the_light(&clean);
        let result = task.restore(&dark, &RestoreOptions::default(), &mut |_| true).unwrap();
        before += metrics::psnr_rgb(&clean, &dark, 0).unwrap() / 4.0;
        after += metrics::psnr_rgb(&clean, &rounded(&result), 0).unwrap() / 4.0;
    }
    assert!((before - 9.489).abs() < 0.01 && (after - 22.378).abs() < 0.02, "{before:.3} dB, then {after:.3} dB");
}

/// ONNX Runtime's outputs between the same steps give 37.69 dB; the paper gives 37.53 dB for a model trained alike.
#[test]
fn carn_m_reaches_what_onnx_runtime_reaches() {
    let Some(data) = data("CARN-M on Set5") else { return };
    let got = set5(&task(&data, "carn-m/carn_m_x2.toml"), &data, 2, &SET5);
    println!("{got:.3} dB");
    assert!((got - 37.69).abs() < 0.02, "{got:.3} dB, ONNX Runtime 37.69 dB");
}

#[test]
fn vdsr_reaches_its_published_psnr() {
    let Some(data) = data("VDSR on Set5") else { return };
    let got = set5(&task(&data, "vdsr/vdsr.toml"), &data, 2, &SET5);
    println!("{got:.3} dB");
    assert!((got - 37.53).abs() < 0.1, "{got:.3} dB, published 37.53 dB");
}
