//! Films through ffmpeg: each picture through the model; sound, subtitles, chapters and metadata are kept.

mod ffmpeg;
mod probe;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use ocelli::tasks::{RestoreOptions, Task};
use ocelli::vision::{self, Channels, Image};
use ocelli::{Error, RuntimeError};

use self::ffmpeg::{Sink, Source};
use self::probe::Film;
use super::pipeline::{self, Stages};
use super::progress::Progress;
use super::work::{Found, find};
use crate::args::PictureArgs;
use crate::interrupt;

/// Endings of films that are read.
const READ: [&str; 16] =
    ["mp4", "m4v", "mov", "mkv", "webm", "avi", "mpg", "mpeg", "m2ts", "mts", "ts", "wmv", "flv", "ogv", "3gp", "vob"];

fn ending(path: &Path) -> String {
    path.extension().map(|e| e.to_string_lossy().to_lowercase()).unwrap_or_default()
}

/// Whether a command is about a film: its one input ends like one.
pub fn is_meant(p: &PictureArgs) -> Result<bool, Error> {
    let film = |path: &Path| READ.contains(&ending(path).as_str()) && !path.is_dir();
    match &p.input[..] {
        [input] if film(input) => Ok(true),
        inputs if inputs.iter().any(|i| film(i)) => {
            Err(Error::Usage("one film at a time, and no pictures beside it".to_owned()))
        }
        _ => Ok(false),
    }
}

/// Runs a film through `workers`. The result is whole or not there.
pub fn run(p: &PictureArgs, workers: &[Task], kind: vision::Task, options: RestoreOptions) -> Result<u8, Error> {
    let (input, output) = paths(p)?;
    if p.skip_existing && output.is_file() {
        eprintln!("ocelli: 1 left out: its result is there");
        return Ok(0);
    }
    let film = probe::film(&input)?;
    let (streams, left_out) = streams(&film, &output)?;
    for note in film.notes.iter().chain(&left_out) {
        log::warn!("{}: {note}", input.display());
    }
    let partial = partial(&output);
    let work = Work {
        kind,
        options,
        film: &film,
        input: &input,
        output: &output,
        partial: &partial,
        streams: &streams,
        crf: p.crf,
        source: Mutex::new(Source::open(&input, &film)?),
        sink: Mutex::new(Written { sink: None, next: 0, waiting: BTreeMap::new() }),
        stopped: AtomicBool::new(false),
    };
    let mut progress = Progress::new(1);
    progress.begin(0, &input);
    let mut error = None;
    let mut done = 0usize;
    pipeline::run(&work, workers, usize::MAX, |_, result| match result {
        Ok(()) => {
            done += 1;
            progress.step(0, film.frames.map_or(0.0, |n| (done as f64 / n.max(1.0)).min(1.0) as f32));
        }
        Err(e) => {
            work.stopped.store(true, Ordering::Relaxed);
            error.get_or_insert(e);
        }
    });
    progress.end();
    let result = match error {
        _ if interrupt::cancelled() => Err(Error::Runtime(RuntimeError::Cancelled)),
        Some(e) => Err(e),
        None if done == 0 => Err(ffmpeg::failed(&input, "ffmpeg", "no picture came out of the film")),
        None => work.finish(),
    };
    if let Err(e) = result {
        drop(work);
        let _ = std::fs::remove_file(&partial);
        return Err(e);
    }
    progress.done(0, &input, Some(&output));
    Ok(0)
}

/// The film, and where the result goes.
fn paths(p: &PictureArgs) -> Result<(PathBuf, PathBuf), Error> {
    let input = p.input.first().cloned().unwrap_or_default();
    let output = p.output.clone().ok_or_else(|| Error::Usage("-o OUT is needed for a film".to_owned()))?;
    let output = match input.file_name() {
        Some(name) if output.is_dir() => output.join(name).with_extension("mkv"),
        _ => output,
    };
    if let (Ok(a), Ok(b)) = (input.canonicalize(), output.canonicalize()) {
        if a == b {
            return Err(Error::Usage(format!("{} would be overwritten by its own result", input.display())));
        }
    }
    Ok((input, output))
}

/// A name beside the result, with its ending, which tells ffmpeg the format.
fn partial(output: &Path) -> PathBuf {
    let stem = output.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
    output.with_file_name(format!(".{stem}.{}.partial.{}", std::process::id(), ending(output)))
}

/// ffmpeg's options for the streams of the result, and what is left out of it.
fn streams(film: &Film, output: &Path) -> Result<(Vec<String>, Vec<String>), Error> {
    let (video, text, sounds): (&[&str], &str, Option<(&[&str], &str)>) = match ending(output).as_str() {
        "mkv" => (&["libx264"], "srt", None),
        "mp4" | "m4v" | "mov" => (&["libx264", "-movflags", "+faststart"], "mov_text", None),
        "webm" => (&["libvpx-vp9", "-b:v", "0", "-row-mt", "1"], "webvtt", Some((&["opus", "vorbis"], "libopus"))),
        other => {
            return Err(Error::Usage(format!(
                "-o {}: a film is written as mkv, mp4, m4v, mov or webm, not as {other:?}",
                output.display()
            )));
        }
    };
    let mut options: Vec<String> = ["-c:v"].iter().chain(video).map(|s| (*s).to_owned()).collect();
    let mut add = |list: [String; 4]| options.extend(list);
    for (i, codec) in film.sounds.iter().enumerate() {
        let coded = match sounds {
            Some((kept, other)) if !kept.contains(&codec.as_str()) => other,
            _ => "copy",
        };
        add(["-map".to_owned(), format!("1:a:{i}"), format!("-c:a:{i}"), coded.to_owned()]);
    }
    let (mut left_out, mut taken) = (Vec::new(), 0);
    for (i, codec) in film.subtitles.iter().enumerate() {
        let drawn = matches!(codec.as_str(), "dvd_subtitle" | "hdmv_pgs_subtitle" | "dvb_subtitle" | "xsub");
        let coded = match (drawn, text) {
            (true, "srt") => "copy",
            (true, _) => {
                left_out.push(format!("subtitles {}: {codec} has no place in this format", i + 1));
                continue;
            }
            // What Matroska holds as it is.
            (false, "srt") if matches!(codec.as_str(), "subrip" | "srt" | "ass" | "ssa" | "webvtt") => "copy",
            (false, text) => text,
        };
        add(["-map".to_owned(), format!("1:s:{i}"), format!("-c:s:{taken}"), coded.to_owned()]);
        taken += 1;
    }
    if text == "srt" {
        // Fonts of subtitles.
        options.extend(["-map", "1:t?", "-c:t", "copy"].map(str::to_owned));
    }
    Ok((options, left_out))
}

struct Work<'a> {
    kind: vision::Task,
    options: RestoreOptions,
    film: &'a Film,
    input: &'a Path,
    output: &'a Path,
    partial: &'a Path,
    streams: &'a [String],
    crf: u8,
    source: Mutex<Source>,
    sink: Mutex<Written>,
    stopped: AtomicBool,
}

/// The film that is written, in order.
struct Written {
    /// Opened by the first picture, whose size is known then.
    sink: Option<(Sink, (usize, usize))>,
    next: usize,
    /// Pictures that others must come before.
    waiting: BTreeMap<usize, Image>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Stages for Work<'_> {
    type Worker = Task;
    type Read = Image;
    type Computed = (Image, Found);
    type Written = ();

    fn read(&self, _: usize) -> Result<Option<Image>, Error> {
        if self.stopped.load(Ordering::Relaxed) {
            return Ok(None);
        }
        let frame = lock(&self.source).next(self.input).inspect_err(|_| self.stopped.store(true, Ordering::Relaxed))?;
        let Some(frame) = frame else { return Ok(None) };
        let (w, h) = (self.film.width, self.film.height);
        Ok(Some(if self.film.deep {
            let samples: Vec<u16> = frame.chunks_exact(2).map(|b| u16::from_le_bytes([b[0], b[1]])).collect();
            Image::from_u16(w, h, Channels::Rgb, &samples)?
        } else {
            Image::from_u8(w, h, Channels::Rgb, &frame)?
        }))
    }

    fn compute(&self, task: &Task, _: usize, picture: Image) -> Result<(Image, Found), Error> {
        let go_on = || !interrupt::cancelled() && !self.stopped.load(Ordering::Relaxed);
        if !go_on() {
            return Err(Error::Runtime(RuntimeError::Cancelled));
        }
        find(std::slice::from_ref(task), self.kind, picture, &self.options, &mut |_| go_on())
    }

    fn write(&self, i: usize, (picture, found): (Image, Found)) -> Result<(), Error> {
        let mut written = lock(&self.sink);
        written.waiting.insert(i, found.drawn(picture));
        loop {
            let next = written.next;
            let Some(image) = written.waiting.remove(&next) else { return Ok(()) };
            self.put(&mut written, &image)?;
            written.next += 1;
        }
    }
}

impl Work<'_> {
    fn put(&self, written: &mut Written, image: &Image) -> Result<(), Error> {
        let size = (image.width(), image.height());
        if written.sink.is_none() {
            let sink = Sink::open(self.partial, self.input, self.film, size, self.streams, self.crf)?;
            written.sink = Some((sink, size));
        }
        match &mut written.sink {
            Some((sink, first)) if *first == size => {
                let bytes = if self.film.deep {
                    image.to_u16().iter().flat_map(|v| v.to_le_bytes()).collect()
                } else {
                    image.to_u8()
                };
                sink.add(self.output, &bytes)
            }
            _ => Err(Error::Broken(format!("a picture of the film is {}x{}, unlike the first", size.0, size.1))),
        }
    }

    /// Ends the film and gives it its name.
    fn finish(&self) -> Result<(), Error> {
        if let Some((sink, _)) = &mut lock(&self.sink).sink {
            sink.finish(self.output)?;
        }
        std::fs::rename(self.partial, self.output).map_err(|e| crate::context::io_error(self.output, e))
    }
}
