//! The commands that take pictures: upscale, denoise, enhance, style, detect, segment, classify, pose.

mod files;
mod format;
mod journal;
mod pipeline;
mod progress;
mod video;
mod work;

use std::sync::{Mutex, PoisonError};

use ocelli::tasks::{RestoreOptions, Task};
use ocelli::vision::{self, Package};
use ocelli::{Engine, Error, RuntimeError};
use serde_json::{Value, json};

pub use self::files::collect;
use self::files::{Job, is_stream};
use self::journal::Journal;
use self::progress::Progress;
use self::work::Work;
use crate::args::{Args, PictureArgs};
use crate::context::{engines, one_line};
use crate::{interrupt, models};

/// Failed pictures that are named at the end; of more, their number is told.
const NAMED: usize = 10;

/// Runs `kind` over all inputs; `sigma` is the noise level that a model may be told. One broken picture does not stop the
/// others: the end names those that failed, and the exit code is that of the first failure.
pub fn run(args: &Args, p: &PictureArgs, kind: vision::Task, sigma: Option<f32>) -> Result<u8, Error> {
    if video::is_meant(p)? {
        let (engines, tasks) = open(args, p, kind, sigma)?;
        let code = video::run(p, &tasks, kind, options(p, sigma));
        engines.iter().for_each(Engine::save_pipeline_cache);
        return code;
    }
    let all = jobs(p, kind)?;
    let count = all.len();
    // What no result could be written with is told before anything is computed.
    for path in all.iter().filter_map(|j| j.output.as_ref()) {
        format::check(path, p)?;
    }
    let all: Vec<Job> = if p.skip_existing {
        all.into_iter().filter(|j| !j.output.as_ref().is_some_and(|o| o.is_file())).collect()
    } else {
        all
    };
    say_skipped(count - all.len());
    if all.is_empty() {
        return Ok(0);
    }
    let (engines, tasks) = open(args, p, kind, sigma)?;
    let mut journal = journal(args, p, sigma, tasks[0].package(), &all)?;
    let before = all.len();
    let jobs: Vec<Job> = all.into_iter().filter(|j| !journal.as_ref().is_some_and(|known| known.has(j))).collect();
    say_skipped(before - jobs.len());

    let progress = Mutex::new(Progress::new(jobs.len()));
    let shown = || progress.lock().unwrap_or_else(PoisonError::into_inner);
    let files = format::file_options(p, before == 1);
    let options = options(p, sigma);
    let work = Work { arguments: p, task: &tasks[0], options, files, kind, jobs: &jobs, progress: &progress };
    let mut failed: Vec<(usize, Error)> = Vec::new();
    // A single picture is shared by all devices; of several each takes the next.
    let groups: Vec<&[Task]> = if jobs.len() == 1 { vec![&tasks] } else { tasks.chunks(1).collect() };
    pipeline::run(&work, &groups, jobs.len(), |i, result| {
        let job = &jobs[i];
        match result {
            Ok(found) => {
                if let Some(journal) = &mut journal {
                    journal.add(job);
                }
                shown().done(i, &job.input, job.output.as_deref());
                let to_stdout = job.output.as_deref().is_some_and(is_stream);
                if (p.json || !kind.is_picture()) && !to_stdout {
                    work::report(p.json, job, &found);
                }
            }
            Err(e) => {
                if !e.is_cancelled() {
                    shown().failed(i, &format!("{}: {}", job.input.display(), one_line(&e.to_string())));
                }
                failed.push((i, e));
            }
        }
    });
    shown().end();
    engines.iter().for_each(Engine::save_pipeline_cache);
    finish(&jobs, failed, journal)
}

/// The model on each adapter that was asked for.
fn open(
    args: &Args,
    p: &PictureArgs,
    kind: vision::Task,
    sigma: Option<f32>,
) -> Result<(Vec<Engine>, Vec<Task>), Error> {
    let engines = engines(args)?;
    let opened = engines.iter().map(|engine| models::open(engine, p.model.as_deref(), kind, sigma.is_some()));
    let tasks = opened.collect::<Result<Vec<Task>, Error>>()?;
    check_level(tasks[0].package(), sigma)?;
    Ok((engines, tasks))
}

fn options(p: &PictureArgs, sigma: Option<f32>) -> RestoreOptions {
    RestoreOptions { tile: p.tile, halo: p.halo, noise: sigma, tta: p.tta }
}

/// The pictures, and where their results go.
fn jobs(p: &PictureArgs, kind: vision::Task) -> Result<Vec<Job>, Error> {
    if kind.is_picture() && p.output.is_none() {
        return Err(Error::Usage("-o OUT is needed: a file for one picture, else a folder".to_owned()));
    }
    let Some(output) = &p.output else {
        if p.skip_existing || p.resume {
            return Err(Error::Usage("--skip-existing and --resume need -o OUT".to_owned()));
        }
        return Ok(collect(&p.input)?.into_iter().map(|input| Job { input, output: None }).collect());
    };
    let inputs = collect(&p.input)?;
    let outputs = files::outputs(&inputs, output, &p.input, format::format(p))?;
    Ok(inputs.into_iter().zip(outputs).map(|(input, output)| Job { input, output: Some(output) }).collect())
}

/// The list of what is done, for several pictures into one folder.
fn journal(
    args: &Args,
    p: &PictureArgs,
    sigma: Option<f32>,
    package: &Package,
    jobs: &[Job],
) -> Result<Option<Journal>, Error> {
    let (Some(folder), true) = (p.output.as_deref().filter(|o| o.is_dir()), jobs.len() > 1) else { return Ok(None) };
    let settings: Value = json!({
        "version": env!("CARGO_PKG_VERSION"), "model": package.name, "sha256": package.sha256, "named": p.model,
        "sigma": sigma, "halo": p.halo, "tta": p.tta, "precision": format!("{:?}", args.precision),
        "format": format!("{:?} {:?} {:?} {}", p.format, p.depth, p.dither, p.quality),
        "read": [p.to_srgb, p.first_frame],
    });
    Journal::open(folder, &settings, p.resume).map(Some)
}

fn say_skipped(count: usize) {
    if count > 0 {
        eprintln!("ocelli: {count} left out: their results are there");
    }
}

/// Says what failed; the exit code is that of the first failure.
fn finish(jobs: &[Job], mut failed: Vec<(usize, Error)>, journal: Option<Journal>) -> Result<u8, Error> {
    let cancelled = interrupt::cancelled() || failed.iter().any(|(_, e)| e.is_cancelled());
    failed.retain(|(_, e)| !e.is_cancelled());
    failed.sort_by_key(|(i, _)| *i);
    if !failed.is_empty() && jobs.len() > 1 {
        let names: Vec<String> = failed.iter().map(|(i, _)| jobs[*i].input.display().to_string()).take(NAMED).collect();
        let more = if failed.len() > NAMED { " and others" } else { "" };
        eprintln!("ocelli: {} of {} failed: {}{more}", failed.len(), jobs.len(), names.join(", "));
    }
    if let Some(journal) = journal {
        if cancelled || !failed.is_empty() {
            eprintln!("ocelli: the same command with --resume goes on");
        } else {
            journal.remove();
        }
    }
    if cancelled {
        return Err(Error::Runtime(RuntimeError::Cancelled));
    }
    Ok(failed.first().map_or(0, |(_, e)| e.exit_code()))
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
