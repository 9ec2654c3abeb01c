//! One file per subcommand.

mod batch;
mod bench;
mod check;
mod devices;
mod run;

use ocelli::Error;

use crate::args::{Args, Bench, Command};

/// Runs the subcommand; the result is the exit code.
pub fn run(args: &Args) -> Result<u8, Error> {
    match &args.command {
        Command::Devices { json } => devices::run(*json),
        Command::Check {
            model,
            shape,
            json,
            dump,
        } => check::run(model, shape, *json, *dump),
        Command::Run(run) => match &run.batch {
            Some(list) => batch::run(args, list),
            None => run::run(args, run),
        },
        Command::Bench {
            what:
                Bench::Model {
                    model,
                    input,
                    expect,
                    seconds,
                    json,
                },
        } => bench::model(args, model, input, expect.as_deref(), *seconds, *json),
    }
}
