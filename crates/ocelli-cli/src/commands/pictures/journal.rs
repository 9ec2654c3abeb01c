//! What a command over many pictures has done, so that the same command can go on after it was interrupted.

use std::collections::BTreeSet;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use ocelli::Error;
use serde_json::{Value, json};

use super::files::Job;
use crate::context::io_error;

/// Its name in the folder of the results.
const NAME: &str = ".ocelli-progress";

/// A list of finished pictures beside the results; it is removed when all are done.
pub struct Journal {
    path: PathBuf,
    file: File,
    done: BTreeSet<String>,
}

impl Journal {
    /// Opens the list in `folder`. What an earlier command wrote counts when `resume` asks for it and `settings` are the
    /// same: the model and everything that a result depends on.
    pub fn open(folder: &Path, settings: &Value, resume: bool) -> Result<Journal, Error> {
        let path = folder.join(NAME);
        let first = settings.to_string();
        let before = if resume { std::fs::read_to_string(&path).unwrap_or_default() } else { String::new() };
        let mut lines = before.lines();
        let same = lines.next() == Some(first.as_str());
        if resume && !same && !before.is_empty() {
            log::warn!("--resume: the model or the options are not those of before; starting over");
        }
        let done: BTreeSet<String> = if same { lines.map(str::to_owned).collect() } else { BTreeSet::new() };
        let io = |e| io_error(&path, e);
        let mut file = OpenOptions::new().create(true).write(true).truncate(true).open(&path).map_err(io)?;
        let text: String = std::iter::once(&first).chain(&done).map(|line| format!("{line}\n")).collect();
        file.write_all(text.as_bytes()).map_err(io)?;
        Ok(Journal { path, file, done })
    }

    /// Whether the result of this job is there, of the input as it is now.
    pub fn has(&self, job: &Job) -> bool {
        job.output.as_ref().is_some_and(|o| o.is_file()) && line(job).is_some_and(|l| self.done.contains(&l))
    }

    /// This job is done.
    pub fn add(&mut self, job: &Job) {
        let Some(line) = line(job) else { return };
        if let Err(e) = writeln!(self.file, "{line}") {
            log::warn!("{}: {e}", self.path.display());
        }
    }

    /// All jobs are done: the list is of no more use.
    pub fn remove(self) {
        drop(self.file);
        let _ = std::fs::remove_file(&self.path);
    }
}

/// What a job is known by: its files, and the length and time of the input.
fn line(job: &Job) -> Option<String> {
    let meta = std::fs::metadata(&job.input).ok()?;
    let modified = meta.modified().ok()?.duration_since(UNIX_EPOCH).ok()?.as_nanos();
    let input = job.input.canonicalize().ok()?;
    let output = job.output.as_ref()?.file_name()?.to_string_lossy();
    Some(json!([input.to_string_lossy(), output, meta.len(), modified.to_string()]).to_string())
}
