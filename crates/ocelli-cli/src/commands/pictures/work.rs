//! What is done with one picture: read, computed, written.

use std::io::{Read, Write};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use ocelli::Error;
use ocelli::tasks::{RestoreOptions, Task};
use ocelli::vision::decode::{ClassScore, Mask, Pose};
use ocelli::vision::{self, Detection, Image, draw, image_io};
use serde_json::{Value, json};

use super::files::{Job, is_stream};
use super::format;
use super::pipeline::Stages;
use super::progress::Progress;
use crate::args::PictureArgs;
use crate::context::io_error;
use crate::interrupt;

/// One command over its jobs.
pub struct Work<'a> {
    /// What is asked for.
    pub arguments: &'a PictureArgs,
    /// How pictures are cut, and the noise level.
    pub options: RestoreOptions,
    /// The task.
    pub kind: vision::Task,
    /// The pictures.
    pub jobs: &'a [Job],
    /// How far the work is.
    pub progress: &'a Mutex<Progress>,
}

/// What a model found, and the picture to show it with or in.
pub struct Computed {
    picture: Image,
    found: Found,
}

enum Found {
    Detections(Vec<Detection>),
    Mask(Mask),
    Classes(Vec<ClassScore>),
    Pose(Pose),
    /// The picture itself is the result.
    Picture,
}

impl Stages for Work<'_> {
    type Worker = Task;
    type Read = Image;
    type Computed = Computed;
    type Written = Value;

    fn read(&self, i: usize) -> Result<Image, Error> {
        let options = format::read_options(self.arguments);
        let input = &self.jobs[i].input;
        let image = if is_stream(input) {
            let mut bytes = Vec::new();
            let most = options.limits.file_bytes.saturating_add(1);
            std::io::stdin().lock().take(most).read_to_end(&mut bytes).map_err(|e| io_error(Path::new("stdin"), e))?;
            image_io::decode(&bytes, Path::new("stdin"), &options)?
        } else {
            image_io::read_with(input, &options)?
        };
        Ok(if self.arguments.to_srgb { image.into_srgb()? } else { image })
    }

    fn compute(&self, task: &Task, i: usize, picture: Image) -> Result<Computed, Error> {
        let progress = || self.progress.lock().unwrap_or_else(PoisonError::into_inner);
        progress().begin(i, &self.jobs[i].input);
        let found = match self.kind {
            vision::Task::Detect => Found::Detections(task.detect(&picture)?),
            vision::Task::Segment => Found::Mask(task.segment(&picture)?),
            vision::Task::Classify => Found::Classes(task.classify(&picture)?),
            vision::Task::Pose => Found::Pose(task.pose(&picture)?),
            _ => {
                let picture = task.restore(&picture, &self.options, &mut |done| progress().step(i, done))?;
                return Ok(Computed { picture, found: Found::Picture });
            }
        };
        Ok(Computed { picture, found })
    }

    fn write(&self, i: usize, computed: Computed) -> Result<Value, Error> {
        let Computed { picture, found } = computed;
        if let Some(output) = &self.jobs[i].output {
            self.put(output, &found.drawn(picture.clone()))?;
        }
        Ok(found.describe(&picture))
    }
}

impl Work<'_> {
    fn put(&self, output: &Path, image: &Image) -> Result<(), Error> {
        let options = format::write_options(self.arguments);
        if is_stream(output) {
            let bytes = image_io::encode(image, &format::stream_name(self.arguments), &options)?;
            let mut stdout = std::io::stdout().lock();
            return stdout
                .write_all(&bytes)
                .and_then(|()| stdout.flush())
                .map_err(|e| io_error(Path::new("stdout"), e));
        }
        // The handler of Ctrl-C waits for this lock, so that a second one never ends the process within a write.
        let _whole = interrupt::writing();
        Ok(image_io::write_with(output, image, &options)?)
    }
}

impl Found {
    /// The picture with what was found; boxes and masks have colours, whatever the picture has.
    fn drawn(&self, picture: Image) -> Image {
        if matches!(self, Found::Picture) {
            return picture;
        }
        let mut picture = picture.into_rgb();
        match self {
            Found::Detections(all) => draw::detections(&mut picture, all),
            Found::Mask(mask) => draw::mask(&mut picture, mask, 0.5),
            Found::Classes(classes) => draw::classes(&mut picture, classes),
            Found::Pose(pose) => draw::pose(&mut picture, pose),
            Found::Picture => {}
        }
        picture
    }

    /// What was found, for `--json` and for people.
    fn describe(&self, picture: &Image) -> Value {
        match self {
            Found::Detections(all) => {
                let rows = all.iter().map(|d| {
                    json!({
                        "label": d.label, "class": d.class, "score": d.score,
                        "box": [d.bbox.x0, d.bbox.y0, d.bbox.x1, d.bbox.y1], "keypoints": d.keypoints,
                    })
                });
                json!({ "detections": rows.collect::<Vec<_>>() })
            }
            Found::Mask(mask) => {
                let shares = mask
                    .shares()
                    .into_iter()
                    .map(|(class, share)| json!({ "class": class, "label": mask.labels.get(class), "share": share }));
                json!({ "classes": shares.collect::<Vec<_>>() })
            }
            Found::Classes(classes) => {
                let rows = classes.iter().map(|c| json!({ "label": c.label, "class": c.class, "score": c.score }));
                json!({ "classes": rows.collect::<Vec<_>>() })
            }
            Found::Pose(pose) => {
                let points =
                    pose.points.iter().map(|k| json!({ "index": k.index, "x": k.x, "y": k.y, "score": k.score }));
                json!({ "keypoints": points.collect::<Vec<_>>() })
            }
            Found::Picture => json!({ "width": picture.width(), "height": picture.height() }),
        }
    }
}

/// Prints what was found in one picture.
pub fn report(as_json: bool, job: &Job, found: &Value) {
    if as_json {
        let mut line = json!({
            "file": job.input.display().to_string(), "output": job.output.as_ref().map(|o| o.display().to_string())
        });
        if let (Some(line), Some(found)) = (line.as_object_mut(), found.as_object()) {
            line.extend(found.clone());
        }
        println!("{line}");
        return;
    }
    println!("{}", job.input.display());
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
