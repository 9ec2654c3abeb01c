//! Everything that must hold before a change is merged.

use std::process::Command;
use std::time::Instant;

use crate::run::{cargo_command, run};
use crate::{oracle, system};

/// Runs all checks and prints a summary. All of them run, also after one has failed.
pub fn all(without_oracle: bool) -> Result<(), String> {
    system::driver()?;
    system::ffmpeg();
    let runtime = system::runtime_folder();
    let references = if without_oracle {
        println!("NOT RUN: models against ONNX Runtime, and the standard's node tests (--without-oracle)");
        None
    } else {
        let made = oracle::make();
        Some(made.map_err(|e| {
            format!("{e}\nThe oracle is what models are compared with; `--without-oracle` leaves it out.")
        })?)
    };
    let test = |command: &mut Command| {
        if let Some(folder) = &runtime {
            command.env("XDG_RUNTIME_DIR", folder);
        }
        match &references {
            Some(folder) => command.env("OCELLI_ORACLE", folder),
            None => command.env("OCELLI_WITHOUT_ORACLE", "1"),
        };
        run(command)
    };
    let steps: [(&str, &dyn Fn() -> Result<(), String>); 4] = [
        ("formatting", &|| run(cargo_command().args(["fmt", "--all", "--check"]))),
        ("lints", &|| run(cargo_command().args(["clippy", "--all-targets", "--", "-D", "warnings"]))),
        ("documentation", &|| run(cargo_command().args(["doc", "--no-deps"]).env("RUSTDOCFLAGS", "-D warnings"))),
        ("tests", &|| test(cargo_command().args(["test", "--no-fail-fast"]))),
    ];
    let mut lines = Vec::new();
    let mut failed = Vec::new();
    for (name, step) in steps {
        println!("\n== {name}");
        let begun = Instant::now();
        let result = step();
        let seconds = begun.elapsed().as_secs();
        let verdict = if result.is_ok() { "ok" } else { "FAILED" };
        lines.push(format!("{name:<14} {verdict:<7} {seconds:>4} s"));
        failed.extend(result.err());
    }
    if let Some(folder) = runtime {
        let _ = std::fs::remove_dir_all(folder);
    }
    println!("\n== summary\n{}", lines.join("\n"));
    if without_oracle {
        println!("not run: models against ONNX Runtime, the standard's node tests");
    }
    if failed.is_empty() { Ok(()) } else { Err(failed.join("\n")) }
}
