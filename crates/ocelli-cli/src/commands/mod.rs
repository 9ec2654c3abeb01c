//! One file per subcommand.

mod batch;
mod bench;
mod check;
mod check_field;
mod devices;
mod eval;
mod models;
mod pictures;
mod run;
mod tune;

use ocelli::Error;
use ocelli::vision::Task;

use crate::args::{Args, Bench, Command};

/// Runs the subcommand; the result is the exit code.
pub fn run(args: &Args) -> Result<u8, Error> {
    match &args.command {
        Command::Devices { json } => devices::run(*json),
        Command::Check { model, shape, halo, json, dump } => check::run(args, model, shape, *halo, *json, *dump),
        Command::Tune { model, shape, seconds } => tune::run(args, model, shape, *seconds),
        Command::Run(run) => match &run.batch {
            Some(list) => batch::run(args, list),
            None => run::run(args, run),
        },
        Command::Upscale(p) => pictures::run(args, p, Task::Upscale, None),
        Command::Denoise(d) => pictures::run(args, &d.pictures, Task::Denoise, d.sigma),
        Command::Enhance(p) => pictures::run(args, p, Task::Enhance, None),
        Command::Style(p) => pictures::run(args, p, Task::Style, None),
        Command::Detect(p) => pictures::run(args, p, Task::Detect, None),
        Command::Segment(p) => pictures::run(args, p, Task::Segment, None),
        Command::Classify(p) => pictures::run(args, p, Task::Classify, None),
        Command::Pose(p) => pictures::run(args, p, Task::Pose, None),
        Command::Eval(options) => eval::run(args, options),
        Command::Models(options) => models::run(options),
        Command::Bench { what: Bench::Model(options) } => bench::model(args, options),
        Command::Bench { what: Bench::Kernels(options) } => bench::kernels(args, options),
    }
}
