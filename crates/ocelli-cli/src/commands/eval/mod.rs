//! `ocelli eval`: the figures of `docs/models.md`, measured on the device.

mod voc;

use std::path::{Path, PathBuf};

use ocelli::tasks::Task;
use ocelli::vision::average_precision::average_precision;
use ocelli::vision::{self, image_io};
use ocelli::{Error, evaluate};
use serde_json::{Value, json};

use super::pictures::collect;
use crate::args::{Args, EvalArgs, EvalTask};
use crate::context::{engine, io_error};
use crate::{interrupt, models};

/// Runs `ocelli eval`. A picture that fails ends it: a mean over some of a set is no figure.
pub fn run(args: &Args, e: &EvalArgs) -> Result<u8, Error> {
    let kind = match e.task {
        EvalTask::Sr => vision::Task::Upscale,
        EvalTask::Denoise => vision::Task::Denoise,
        EvalTask::Detect => vision::Task::Detect,
    };
    if let Some(sigma) = e.sigma.iter().find(|s| !(0.0..=255.0).contains(*s)) {
        return Err(Error::Usage(format!("--sigma {sigma}: expected 0 to 255")));
    }
    interrupt::listen();
    let engine = engine(args)?;
    let task = models::open(&engine, e.model.as_deref(), kind, false)?;
    let report = match e.task {
        EvalTask::Sr => enlarging(&task, e)?,
        EvalTask::Denoise => denoising(&task, e)?,
        EvalTask::Detect => detecting(&task, e)?,
    };
    engine.save_pipeline_cache();
    if e.json {
        println!("{report}");
    }
    Ok(0)
}

/// The pictures to measure on, by name.
fn pictures(e: &EvalArgs) -> Result<Vec<(String, PathBuf)>, Error> {
    let stem = |p: &Path| p.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
    let all: Vec<(String, PathBuf)> =
        collect(std::slice::from_ref(&e.data))?.into_iter().map(|p| (stem(&p), p)).collect();
    chosen(e, all, |(name, _)| name)
}

/// Those that `--only` names, all without it.
fn chosen<T>(e: &EvalArgs, all: Vec<T>, name: impl Fn(&T) -> &str) -> Result<Vec<T>, Error> {
    if let Some(missing) = e.only.iter().find(|o| all.iter().all(|t| name(t) != o.as_str())) {
        return Err(Error::Usage(format!("--only {missing}: no such picture in {}", e.data.display())));
    }
    Ok(all.into_iter().filter(|t| e.only.is_empty() || e.only.iter().any(|o| o == name(t))).collect())
}

/// What is asked before each picture.
fn go_on() -> Result<(), Error> {
    if interrupt::cancelled() { Err(Error::Runtime(ocelli::RuntimeError::Cancelled)) } else { Ok(()) }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

/// Prints a name and numbers as a row; JSON comes at the end instead.
fn row(e: &EvalArgs, name: &str, cells: &[String]) {
    if !e.json {
        let cells: String = cells.iter().map(|c| format!(" {c:>10}")).collect();
        println!("{name:20}{cells}");
    }
}

fn titles(e: &EvalArgs, name: &str, cells: &[&str]) {
    row(e, name, &cells.iter().map(|c| (*c).to_owned()).collect::<Vec<_>>());
}

fn enlarging(task: &Task, e: &EvalArgs) -> Result<Value, Error> {
    let scale = task.package().output.scale;
    titles(e, &format!("x{scale}, luma"), &["PSNR dB", "bicubic", "SSIM", "bicubic"]);
    let cells = |v: &[f64]| {
        vec![format!("{:.2}", v[0]), format!("{:.2}", v[1]), format!("{:.4}", v[2]), format!("{:.4}", v[3])]
    };
    let object = |v: &[f64]| json!({ "psnr_y": v[0], "bicubic_psnr_y": v[1], "ssim_y": v[2], "bicubic_ssim_y": v[3] });
    let mut columns: [Vec<f64>; 4] = Default::default();
    let mut rows = serde_json::Map::new();
    for (name, path) in pictures(e)? {
        go_on()?;
        let got = image_io::read(&path)
            .map_err(Error::from)
            .and_then(|image| evaluate::enlarging(task, &image))
            .map_err(|error| error.about(path.display()))?;
        let values = [got.model.psnr_y, got.bicubic.psnr_y, got.model.ssim_y, got.bicubic.ssim_y];
        row(e, &name, &cells(&values));
        rows.insert(name, object(&values));
        for (column, value) in columns.iter_mut().zip(values) {
            column.push(value);
        }
    }
    let means: Vec<f64> = columns.iter().map(|c| mean(c)).collect();
    row(e, "mean", &cells(&means));
    Ok(json!({ "model": task.package().name, "scale": scale, "pictures": rows, "mean": object(&means) }))
}

fn denoising(task: &Task, e: &EvalArgs) -> Result<Value, Error> {
    titles(e, "PSNR dB, 8-bit files", &["sigma", "result", "noisy"]);
    let cells = |sigma: f32, v: &[f64]| vec![sigma.to_string(), format!("{:.2}", v[0]), format!("{:.2}", v[1])];
    let pictures = pictures(e)?;
    let mut levels = Vec::new();
    for &sigma in &e.sigma {
        let mut columns: [Vec<f64>; 2] = Default::default();
        let mut rows = serde_json::Map::new();
        for (seed, (name, path)) in pictures.iter().enumerate() {
            go_on()?;
            let got = image_io::read(path)
                .map_err(Error::from)
                .and_then(|image| evaluate::denoising(task, &image, sigma, seed as u64))
                .map_err(|error| error.about(path.display()))?;
            row(e, name, &cells(sigma, &[got.model, got.noisy]));
            rows.insert(name.clone(), json!({ "psnr": got.model, "noisy_psnr": got.noisy }));
            columns[0].push(got.model);
            columns[1].push(got.noisy);
        }
        let means: Vec<f64> = columns.iter().map(|c| mean(c)).collect();
        row(e, "mean", &cells(sigma, &means));
        let mean = json!({ "psnr": means[0], "noisy_psnr": means[1] });
        levels.push(json!({ "sigma": sigma, "pictures": rows, "mean": mean }));
    }
    Ok(json!({ "model": task.package().name, "levels": levels }))
}

fn detecting(task: &Task, e: &EvalArgs) -> Result<Value, Error> {
    let list = e.data.join(&e.list);
    let text = std::fs::read_to_string(&list).map_err(|error| io_error(&list, error))?;
    let names: Vec<&str> = text.split_whitespace().collect();
    let names = chosen(e, names, |n| n)?;
    let labels = task.package().detect.as_ref().map(|d| d.labels.clone()).unwrap_or_default();
    let images = collect(&[e.data.join("images")])?;
    let (mut found, mut truth) = (Vec::new(), Vec::new());
    for name in &names {
        go_on()?;
        let of_name = images.iter().find(|p| p.file_stem().is_some_and(|s| s == *name));
        let path =
            of_name.ok_or_else(|| Error::Usage(format!("{}: no picture of {name} in images/", e.data.display())))?;
        truth.push(voc::read(&e.data.join("annotations").join(name).with_extension("xml"), &labels)?);
        let detections = image_io::read(path).map_err(Error::from).and_then(|image| evaluate::detecting(task, &image));
        found.push(detections.map_err(|error| error.about(path.display()))?);
    }
    titles(e, "AP at overlap 0.5", &["things", "AP"]);
    let (mut all, mut classes) = (Vec::new(), serde_json::Map::new());
    for (class, label) in labels.iter().enumerate() {
        let things = truth.iter().flatten().filter(|t| t.class == class).count();
        // What is not in the set is no part of the mean.
        let Some(ap) = average_precision(&found, &truth, class) else { continue };
        row(e, label, &[things.to_string(), format!("{ap:.3}")]);
        classes.insert(label.clone(), json!({ "things": things, "ap": ap }));
        all.push(ap);
    }
    if all.is_empty() {
        return Err(Error::Usage(format!("{}: nothing is annotated there", list.display())));
    }
    row(e, "mean (mAP@0.5)", &[truth.iter().flatten().count().to_string(), format!("{:.3}", mean(&all))]);
    Ok(json!({ "model": task.package().name, "pictures": names.len(), "classes": classes, "map": mean(&all) }))
}
