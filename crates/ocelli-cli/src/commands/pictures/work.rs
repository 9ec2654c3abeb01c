//! What is done with one picture: read, computed, written.

use std::io::{Read, Write};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use ocelli::Error;
use ocelli::tasks::{FileOptions, RestoreOptions, Task, Way};
use ocelli::vision::decode::{ClassScore, Mask, Pose};
use ocelli::vision::image_io::RowReader;
use ocelli::vision::{self, Detection, Image, draw, image_io};
use serde_json::{Value, json};

use super::files::{Job, is_stream};
use super::format;
use super::pipeline::Stages;
use super::progress::Progress;
use crate::args::PictureArgs;
use crate::context::io_error;

/// One command over its jobs.
pub struct Work<'a> {
    /// What is asked for.
    pub arguments: &'a PictureArgs,
    /// What is done.
    pub task: &'a Task,
    /// How pictures are cut, and the noise level.
    pub options: RestoreOptions,
    /// How they go from file to file.
    pub files: FileOptions,
    /// The task.
    pub kind: vision::Task,
    /// The pictures.
    pub jobs: &'a [Job],
    /// How far the work is.
    pub progress: &'a Mutex<Progress>,
}

/// What is read of a picture.
pub enum Source {
    /// All of it.
    Picture(Image),
    /// It goes row by row.
    Rows(Box<RowReader>),
}

/// What was computed of a picture.
pub enum Computed {
    /// What a model found, and the picture to show it with or in.
    Found(Box<Image>, Found),
    /// The result is written already, row by row.
    Written(Value),
}

/// What a model found.
pub enum Found {
    Detections(Vec<Detection>),
    Mask(Mask),
    Classes(Vec<ClassScore>),
    Pose(Pose),
    /// The picture itself is the result.
    Picture,
}

impl<'a> Stages for Work<'a> {
    /// The devices that share a picture.
    type Worker = &'a [Task];
    type Read = Source;
    type Computed = Computed;
    type Written = Value;

    fn read(&self, i: usize) -> Result<Option<Source>, Error> {
        let options = self.files.read;
        let Job { input, output } = &self.jobs[i];
        let files = output.as_deref().filter(|o| self.kind.is_picture() && !is_stream(o) && !is_stream(input));
        let mut reason = None;
        if let Some(output) = files {
            match self.task.way(input, output, &self.files, &self.options)? {
                Way::Rows(rows) => return Ok(Some(Source::Rows(rows))),
                Way::Whole(why) => reason = why,
            }
        }
        let image = if is_stream(input) {
            let mut bytes = Vec::new();
            let most = options.limits.file_bytes.saturating_add(1);
            std::io::stdin().lock().take(most).read_to_end(&mut bytes).map_err(|e| io_error(Path::new("stdin"), e))?;
            image_io::decode(&bytes, Path::new("stdin"), &options)?
        } else {
            image_io::read_with(input, &options)?
        };
        self.task.say_whole(input, &image.head(), &self.files, reason);
        Ok(Some(Source::Picture(if self.files.to_srgb { image.into_srgb()? } else { image })))
    }

    fn compute(&self, tasks: &&[Task], i: usize, source: Source) -> Result<Computed, Error> {
        let progress = || self.progress.lock().unwrap_or_else(PoisonError::into_inner);
        progress().begin(i, &self.jobs[i].input);
        let picture = match source {
            Source::Picture(picture) => picture,
            Source::Rows(rows) => return Ok(Computed::Written(self.rows(tasks, i, *rows)?)),
        };
        let (picture, found) = find(tasks, self.kind, picture, &self.options, &mut |done| progress().step(i, done))?;
        Ok(Computed::Found(Box::new(picture), found))
    }

    fn write(&self, i: usize, computed: Computed) -> Result<Value, Error> {
        let (picture, found) = match computed {
            Computed::Written(known) => return Ok(known),
            Computed::Found(picture, found) => (*picture, found),
        };
        if let Some(output) = &self.jobs[i].output {
            self.put(output, &found.drawn(picture.clone()))?;
        }
        Ok(found.describe(&picture))
    }
}

/// Runs a picture through a model, on devices that share its tiles: the picture to show, and what was found.
pub fn find(
    tasks: &[Task],
    kind: vision::Task,
    picture: Image,
    options: &RestoreOptions,
    progress: &mut ocelli::tasks::Progress<'_>,
) -> Result<(Image, Found), Error> {
    let Some(task) = tasks.first() else { return Err(Error::Internal("no model is open".to_owned())) };
    let found = match kind {
        vision::Task::Detect => Found::Detections(task.detect(&picture)?),
        vision::Task::Segment => Found::Mask(task.segment(&picture)?),
        vision::Task::Classify => Found::Classes(task.classify(&picture)?),
        vision::Task::Pose => Found::Pose(task.pose(&picture)?),
        _ => return Ok((Task::restore_shared(tasks, &picture, options, progress)?.image, Found::Picture)),
    };
    Ok((picture, found))
}

impl Work<'_> {
    /// One picture row by row, from file to file.
    fn rows(&self, tasks: &[Task], i: usize, rows: RowReader) -> Result<Value, Error> {
        let progress = || self.progress.lock().unwrap_or_else(PoisonError::into_inner);
        let job = &self.jobs[i];
        let output = job.output.as_deref().unwrap_or(Path::new(""));
        let mut step = |done| progress().step(i, done);
        let done = Task::restore_rows(tasks, rows, &job.input, output, &self.files, &self.options, &mut step);
        let part = image_io::part_path(output);
        if done.is_err() && self.files.resume && part.is_file() {
            progress().note(&format!("finished rows are kept in {}; the same command goes on", part.display()));
        }
        let done = done?;
        if done.resumed_rows > 0 {
            let text = format!("{}: went on from row {} of {}", job.input.display(), done.resumed_rows, done.height);
            progress().note(&text);
        }
        Ok(json!({ "width": done.width, "height": done.height }))
    }

    fn put(&self, output: &Path, image: &Image) -> Result<(), Error> {
        let options = self.files.write;
        if is_stream(output) {
            let bytes = image_io::encode(image, &format::stream_name(self.arguments), &options)?;
            let mut stdout = std::io::stdout().lock();
            return stdout
                .write_all(&bytes)
                .and_then(|()| stdout.flush())
                .map_err(|e| io_error(Path::new("stdout"), e));
        }
        Ok(image_io::write_with(output, image, &options)?)
    }
}

impl Found {
    /// The picture with what was found; boxes and masks have colours, whatever the picture has.
    pub fn drawn(&self, picture: Image) -> Image {
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
