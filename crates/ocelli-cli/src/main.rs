//! The `ocelli` command line. Exit codes: 0 done, 1 failed, 2 bad usage, 3 unsupported operator, 4 no usable adapter.

mod args;
mod commands;
mod context;
mod interrupt;
mod models;
mod plot;
mod shipped;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let args = args::Args::parse();
    let level = if args.verbose { "debug" } else { "warn" };
    // The environment decides; wgpu's own chatter is only for those who ask for it.
    let filter =
        std::env::var("RUST_LOG").unwrap_or_else(|_| format!("{level},wgpu_hal=off,wgpu_core=error,naga=error"));
    env_logger::Builder::new().parse_filters(&filter).format_timestamp(None).format_target(false).init();
    // wgpu panics on some driver failures: they become errors, and this prints nothing of its own.
    if !args.verbose {
        std::panic::set_hook(Box::new(|_| {}));
    }
    match context::guarded(|| commands::run(&args)) {
        Ok(code) => ExitCode::from(code),
        Err(e) if e.is_cancelled() => {
            eprintln!("ocelli: cancelled");
            ExitCode::from(1)
        }
        Err(e) => {
            eprintln!("ocelli: {}", context::one_line(&e.to_string()));
            ExitCode::from(e.exit_code())
        }
    }
}
