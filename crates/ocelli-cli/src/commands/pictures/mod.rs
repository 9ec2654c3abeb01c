//! The commands that take pictures: upscale, denoise, enhance, style, detect, segment, classify, pose.

mod files;
mod format;
mod progress;

use std::path::{Path, PathBuf};

use ocelli::Error;
use ocelli::tasks::{RestoreOptions, Task};
use ocelli::vision::{self, Image, Package, draw, image_io};
use serde_json::{Value, json};

pub use self::files::collect;
use self::progress::Progress;
use crate::args::{Args, PictureArgs};
use crate::context::{engine, one_line};
use crate::{interrupt, models};

/// Runs `kind` over all inputs; `sigma` is the noise level that a model may be told. One broken picture does not stop the
/// others; the exit code is that of the first failure.
pub fn run(args: &Args, p: &PictureArgs, kind: vision::Task, sigma: Option<f32>) -> Result<u8, Error> {
    let inputs = files::collect(&p.input)?;
    let draws = kind.is_picture() || p.output.is_some();
    if kind.is_picture() && p.output.is_none() {
        return Err(Error::Usage("-o OUT is needed: a file for one picture, else a folder".to_owned()));
    }
    let outputs: Vec<Option<PathBuf>> = if draws {
        files::outputs(&inputs, p.output.as_deref().unwrap_or(Path::new(".")), &p.input, format::format(p))?
            .into_iter()
            .map(Some)
            .collect()
    } else {
        vec![None; inputs.len()]
    };
    // What no result could be written with is told before anything is computed.
    for path in outputs.iter().flatten() {
        format::check(path, p)?;
    }
    let engine = engine(args)?;
    let task = models::open(&engine, p.model.as_deref(), kind, sigma.is_some())?;
    check_level(task.package(), sigma)?;
    let options = RestoreOptions { tile: p.tile, halo: p.halo, noise: sigma };
    let mut progress = Progress::new(inputs.len());
    let mut first_failure = 0;
    for (input, output) in inputs.iter().zip(&outputs) {
        progress.begin(input);
        match one(&task, p, &options, kind, input, output.as_deref(), &mut progress) {
            Ok(found) => {
                progress.done(input, output.as_deref());
                if p.json || !kind.is_picture() {
                    report(p.json, input, output.as_deref(), &found);
                }
            }
            Err(e) if e.is_cancelled() => return Err(e),
            Err(e) => {
                progress.clear();
                eprintln!("ocelli: {}: {}", input.display(), one_line(&e.to_string()));
                if first_failure == 0 {
                    first_failure = e.exit_code();
                }
            }
        }
    }
    engine.save_pipeline_cache();
    Ok(first_failure)
}

/// Whether a stated noise level is one that the model takes.
fn check_level(package: &Package, sigma: Option<f32>) -> Result<(), Error> {
    let wrong = |text: String| Err(Error::Usage(format!("--sigma: {text}")));
    match (sigma, &package.input.noise) {
        (None, _) => Ok(()),
        (Some(_), None) => wrong(format!("model `{}` takes no noise level", package.name)),
        (Some(_), Some(spec)) => spec.value(sigma).map_or_else(|e| wrong(e.to_string()), |_| Ok(())),
    }
}

/// Runs one picture, writes what is to be written, and returns what was found.
fn one(
    task: &Task,
    p: &PictureArgs,
    options: &RestoreOptions,
    kind: vision::Task,
    input: &Path,
    output: Option<&Path>,
    progress: &mut Progress,
) -> Result<Value, Error> {
    let mut image = image_io::read_with(input, &format::read_options(p))?;
    if p.to_srgb {
        image = image.into_srgb()?;
    }
    let write = |image: &Image| match output {
        // The handler of Ctrl-C waits for this lock, so that a second one never ends the process within a write.
        Some(path) => {
            let _whole = interrupt::writing();
            image_io::write_with(path, image, &format::write_options(p)).map_err(Error::from)
        }
        None => Ok(()),
    };
    // Boxes and masks have colours, whatever the picture has.
    let canvas = || image.clone().into_rgb();
    Ok(match kind {
        vision::Task::Detect => {
            let found = task.detect(&image)?;
            let mut picture = canvas();
            draw::detections(&mut picture, &found);
            write(&picture)?;
            let rows = found.iter().map(|d| {
                json!({
                    "label": d.label, "class": d.class, "score": d.score,
                    "box": [d.bbox.x0, d.bbox.y0, d.bbox.x1, d.bbox.y1], "keypoints": d.keypoints,
                })
            });
            json!({ "detections": rows.collect::<Vec<_>>() })
        }
        vision::Task::Segment => {
            let mask = task.segment(&image)?;
            let mut picture = canvas();
            draw::mask(&mut picture, &mask, 0.5);
            write(&picture)?;
            let shares = mask
                .shares()
                .into_iter()
                .map(|(class, share)| json!({ "class": class, "label": mask.labels.get(class), "share": share }));
            json!({ "classes": shares.collect::<Vec<_>>() })
        }
        vision::Task::Classify => {
            let classes = task.classify(&image)?;
            let mut picture = canvas();
            draw::classes(&mut picture, &classes);
            write(&picture)?;
            let rows = classes.iter().map(|c| json!({ "label": c.label, "class": c.class, "score": c.score }));
            json!({ "classes": rows.collect::<Vec<_>>() })
        }
        vision::Task::Pose => {
            let pose = task.pose(&image)?;
            let mut picture = canvas();
            draw::pose(&mut picture, &pose);
            write(&picture)?;
            let points = pose.points.iter().map(|k| json!({ "index": k.index, "x": k.x, "y": k.y, "score": k.score }));
            json!({ "keypoints": points.collect::<Vec<_>>() })
        }
        _ => {
            let result = task.restore(&image, options, &mut |done| progress.step(done))?;
            write(&result)?;
            json!({ "width": result.width(), "height": result.height() })
        }
    })
}

fn report(as_json: bool, input: &Path, output: Option<&Path>, found: &Value) {
    if as_json {
        let mut line =
            json!({ "file": input.display().to_string(), "output": output.map(|o| o.display().to_string()) });
        if let (Some(line), Some(found)) = (line.as_object_mut(), found.as_object()) {
            line.extend(found.clone());
        }
        println!("{line}");
        return;
    }
    println!("{}", input.display());
    for row in found.as_object().into_iter().flat_map(|o| o.values()).filter_map(Value::as_array).flatten() {
        let name = row["label"].as_str().map_or_else(|| format!("{} {}", row["class"], row["index"]), str::to_owned);
        let number = row["score"].as_f64().or(row["share"].as_f64()).unwrap_or_default();
        let place: Vec<String> = row["box"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|v| format!("{:.0}", v.as_f64().unwrap_or_default()))
            .collect();
        println!("  {name:20} {number:.3}  {}", place.join(" "));
    }
}
