//! Pictures from file to file: row by row where they are large.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;

use ocelli_graph::Graph;
use ocelli_runtime::RuntimeError;
use ocelli_vision::image_io::{self, Opened, PartFile, ReadOptions, RowReader, WriteOptions};
use ocelli_vision::restore::{self, Cuts};
use ocelli_vision::{Head, Planes, VisionError};

use super::restoring::Worker;
use super::team::Team;
use super::{Progress, RestoreOptions, Task};
use crate::Error;

/// How a picture goes from file to file.
#[derive(Clone, Copy, Debug)]
pub struct FileOptions {
    /// How the input is read.
    pub read: ReadOptions,
    /// How the result is written.
    pub write: WriteOptions,
    /// Convert to sRGB before the model.
    pub to_srgb: bool,
    /// Keep finished rows in a file beside the result when the run ends early, and go on where an earlier run ended.
    pub resume: bool,
    /// Most bytes of samples, of the input and of the result together, that are held as a whole; larger pictures go through
    /// row by row where that is possible.
    pub whole_bytes: u64,
    /// Bytes of host memory that rows of tiles may take, about.
    pub band_bytes: u64,
}

impl Default for FileOptions {
    /// 512 MiB as a whole, else 256 MiB of rows; nothing is kept.
    fn default() -> FileOptions {
        FileOptions {
            read: ReadOptions::default(),
            write: WriteOptions::default(),
            to_srgb: false,
            resume: false,
            whole_bytes: 512 << 20,
            band_bytes: 256 << 20,
        }
    }
}

/// A result that was written.
#[derive(Clone, Copy, Debug)]
pub struct Written {
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// How the picture was cut.
    pub cuts: Cuts,
    /// Whether it went through row by row.
    pub by_rows: bool,
    /// Rows of the result that an earlier run had finished.
    pub resumed_rows: usize,
}

/// How a picture goes from file to file.
pub enum Way {
    /// Row by row: [`Task::restore_rows`].
    Rows(Box<RowReader>),
    /// Held as a whole; the reason where it cannot go row by row.
    Whole(Option<String>),
}

impl Task {
    /// [`Task::restore`] from a file to a file, which is whole or as it was before. PNG and TIFF of grey or RGB go row by row
    /// where they are large: the picture is never in memory as a whole. Others are, which is said.
    ///
    /// Errors: those of [`image_io::read_with`], [`Task::restore`] and [`image_io::write_with`].
    pub fn restore_file(
        &self,
        input: &Path,
        output: &Path,
        files: &FileOptions,
        options: &RestoreOptions,
        progress: &mut Progress<'_>,
    ) -> Result<Written, Error> {
        let reason = match self.way(input, output, files, options)? {
            Way::Rows(rows) => {
                return Task::restore_rows(std::slice::from_ref(self), *rows, input, output, files, options, progress);
            }
            Way::Whole(reason) => reason,
        };
        let mut image = image_io::read_with(input, &files.read)?;
        self.say_whole(input, &image.head(), files, reason);
        if files.to_srgb {
            image = image.into_srgb()?;
        }
        let restored = self.restore_cut(&image, options, progress)?;
        image_io::write_with(output, &restored.image, &files.write)?;
        let (width, height) = (restored.image.width(), restored.image.height());
        Ok(Written { width, height, cuts: restored.cuts, by_rows: false, resumed_rows: 0 })
    }

    /// How a picture goes: row by row where it is large and both files, the task and the model allow it.
    pub fn way(
        &self,
        input: &Path,
        output: &Path,
        files: &FileOptions,
        options: &RestoreOptions,
    ) -> Result<Way, Error> {
        let format = image_io::format_of(output)?;
        let opened = if image_io::takes_rows(format) {
            // What is wrong with the file is told by those who read it as a whole.
            image_io::open_rows(input, &files.read).unwrap_or_else(|e| Opened::Whole(e.to_string()))
        } else {
            Opened::Whole(format!("{format} is not written row by row"))
        };
        let rows = match opened {
            Opened::Rows(rows) => rows,
            Opened::Whole(reason) => return Ok(Way::Whole(Some(reason))),
        };
        let cutting = restore::Options { fixed: self.fixed, tile: options.tile.map(|t| (t, t)), ..Default::default() };
        Ok(match restore::held_whole(rows.head(), &self.package, &cutting) {
            None if self.sample_bytes(rows.head()) > files.whole_bytes => Way::Rows(rows),
            reason => Way::Whole(reason),
        })
    }

    /// Says that a large picture is held as a whole, and why.
    pub fn say_whole(&self, input: &Path, head: &Head, files: &FileOptions, reason: Option<String>) {
        let bytes = self.sample_bytes(head);
        if let Some(reason) = reason.filter(|_| bytes > files.whole_bytes) {
            let mib = bytes >> 20;
            log::warn!("{}: held in memory as a whole ({mib} MiB of samples): {reason}", input.display());
        }
    }

    /// Bytes of the samples of a picture and its result, as they are held.
    fn sample_bytes(&self, head: &Head) -> u64 {
        let scale = self.package.output.scale as u64;
        let samples = head.width as u64 * head.height as u64 * head.channels.count() as u64;
        samples.saturating_mul(1 + scale * scale).saturating_mul(4)
    }

    /// [`Task::restore_file`] for a picture that goes row by row, by one task or several ([`Task::restore_shared`]): `rows` are
    /// those of `input`, from the top.
    ///
    /// Errors: as there. With `resume` finished rows are kept in [`image_io::part_path`].
    pub fn restore_rows(
        tasks: &[Task],
        rows: RowReader,
        input: &Path,
        output: &Path,
        files: &FileOptions,
        options: &RestoreOptions,
        progress: &mut Progress<'_>,
    ) -> Result<Written, Error> {
        let prepared = |rows: RowReader| if files.to_srgb { rows.into_srgb() } else { Ok(rows) };
        let mut rows = prepared(rows)?;
        let mut team = Team::new(tasks, options)?;
        let task = team.task();
        let head = restore::head_of_result(rows.head(), &task.package)?;
        let most_rows = restore::rows_within(rows.head(), &task.package, files.band_bytes);
        let cutting = team.cutting(rows.head().width, rows.head().height, Some(most_rows))?;
        let mut part = None;
        if files.resume {
            let making = task.making(&team, files, options);
            part = Some(PartFile::open(output, input, &head, &files.write, &making)?);
        }
        let resumed_rows = part.as_ref().map_or(0, PartFile::rows);
        loop {
            // In reproducible mode all rows are computed alike: see `Team::restore`.
            let before = team.full_precision_nodes();
            let mut again = false;
            let cuts = match &mut part {
                Some(part) => {
                    let from = part.rows();
                    let done = team.restore_rows(&mut rows, &cutting, from, progress, &mut |planes| part.put(planes));
                    let cuts = done?;
                    again = !team.is_settled(&before);
                    if again {
                        part.clear()?;
                    }
                    Ok(cuts)
                }
                None => image_io::write_rows(output, &head, &files.write, |put| {
                    let cuts =
                        team.restore_rows(&mut rows, &cutting, 0, progress, &mut |planes: Planes| put(planes))?;
                    again = !team.is_settled(&before);
                    if again { Err(Error::Internal("the rows are computed again".to_owned())) } else { Ok(cuts) }
                }),
            };
            if again {
                rows = match image_io::open_rows(input, &files.read)? {
                    Opened::Rows(rows) => prepared(*rows)?,
                    Opened::Whole(reason) => return Err(Error::Usage(format!("{}: {reason}", input.display()))),
                };
                continue;
            }
            let cuts = cuts?;
            if let Some(part) = part {
                let going = &mut || if progress(1.0) { Ok(()) } else { Err(RuntimeError::Cancelled.into()) };
                part.finish::<Error>(output, &files.write, going)?;
            }
            task.tell(options, cuts);
            return Ok(Written { width: head.width, height: head.height, cuts, by_rows: true, resumed_rows });
        }
    }

    /// All that finished rows depend on beside the picture and how it is written.
    fn making(&self, team: &Team<'_>, files: &FileOptions, options: &RestoreOptions) -> String {
        let mut hash = DefaultHasher::new();
        let graph = team.first().graph();
        for node in &graph.nodes {
            format!("{node:?}").hash(&mut hash);
        }
        for tensor in graph.values.iter().filter_map(|v| v.constant.as_ref()) {
            (tensor.shape(), tensor.bytes()).hash(&mut hash);
        }
        let Task { package, .. } = self;
        format!(
            "{} {:x} {} {:?} {:?} srgb {} halo {:?} noise {:?} tta {:?} {}",
            env!("CARGO_PKG_VERSION"),
            hash.finish(),
            package.name,
            package.input,
            package.output,
            files.to_srgb,
            options.halo,
            options.noise,
            options.tta,
            team.kind_of_arithmetic()
        )
    }
}

impl Team<'_> {
    /// Restores a picture row by row, from a row of the result on. Afterwards [`Team::is_settled`] tells whether its tiles are
    /// alike.
    fn restore_rows(
        &mut self,
        rows: &mut RowReader,
        cutting: &restore::Options,
        first: usize,
        progress: &mut Progress<'_>,
        put: &mut dyn FnMut(Planes) -> Result<(), VisionError>,
    ) -> Result<Cuts, Error> {
        let package = &self.task().package;
        self.with(progress, |models| {
            restore::run_rows(rows, package, cutting, first, models, &mut |planes| Ok(put(planes)?))
        })
    }

    /// What must be the same for equal bytes, in reproducible mode; else whether it is that mode.
    fn kind_of_arithmetic(&self) -> String {
        let kinds: BTreeSet<String> = self.workers().iter().map(Worker::kind_of_arithmetic).collect();
        kinds.into_iter().collect::<Vec<_>>().join(" and ")
    }
}

impl Worker<'_> {
    /// The model.
    fn graph(&self) -> &Graph {
        self.session.graph()
    }

    /// What must be the same for equal bytes, in reproducible mode; else whether it is that mode.
    fn kind_of_arithmetic(&self) -> String {
        let engine = self.session.engine();
        if engine.is_reproducible() {
            let adapter = engine.summary();
            return format!("reproducible on {} {}", adapter.name, adapter.driver);
        }
        "fast".to_owned()
    }
}
