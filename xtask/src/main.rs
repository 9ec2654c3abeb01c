//! Tasks of the workspace: `cargo xtask test | ci | demo | window | oracle | bench | operators | shaders`.

mod demo;
mod oracle;
mod peers;
mod run;
mod system;
mod verify;
mod window;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Tasks of the workspace")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Formatting, lints, all tests on a Vulkan, Metal or DX12 adapter, documentation
    Test {
        /// Leave out what is compared with ONNX Runtime and with the standard's node tests
        #[arg(long)]
        without_oracle: bool,
    },
    /// What a hosted runner executes: the same as `test`
    Ci,
    /// Upscale, denoise, lighten and detect on the sample images; results and a sheet of all in out/demo
    Demo,
    /// Build the window example, run it on a virtual screen and compare what it shows; not part of `test`, because the
    /// window toolkit takes minutes to build
    Window,
    /// Make the ONNX Runtime references that the conformance tests compare with
    Oracle,
    /// Measure
    Bench {
        #[command(subcommand)]
        what: Bench,
    },
    /// Write docs/operators.md
    Operators {
        /// Fail when the file is out of date instead
        #[arg(long)]
        check: bool,
    },
    /// Validate every kernel that the operators use and print what the back ends write
    Shaders,
}

#[derive(Subcommand)]
enum Bench {
    /// ocelli beside ncnn and ONNX Runtime on the same models; writes a page to docs/benchmarks
    Peers(peers::Options),
}

fn main() -> ExitCode {
    let result = match Arguments::parse().task {
        Task::Test { without_oracle } => verify::all(without_oracle),
        Task::Ci => verify::all(false),
        Task::Demo => demo::run_all(),
        Task::Window => window::check(),
        Task::Oracle => oracle::make().map(|_| ()),
        Task::Bench { what: Bench::Peers(options) } => peers::bench(&options),
        Task::Operators { check } => run::cargo(
            &["run", "--quiet", "--bin", "operators-page", "--"],
            &[if check { "--check" } else { "--write" }],
        ),
        Task::Shaders => run::cargo(&["run", "--quiet", "--bin", "kernels"], &[]),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("xtask: {message}");
            ExitCode::FAILURE
        }
    }
}
