//! The three tasks on the sample pictures with the models of this repository.

use std::time::Instant;

use crate::run::{cargo_command, root, run};
use crate::system;

/// Task, its package below assets/models, and its picture below assets/images.
const TASKS: [(&str, &str, &str); 3] = [
    ("upscale", "ocelli-sr-x2", "parrot.png"),
    ("denoise", "ocelli-denoise", "plane-noisy.png"),
    ("detect", "ocelli-cells", "cells.jpg"),
];

/// Runs them in release mode and prints where the results are.
pub fn run_all() -> Result<(), String> {
    system::driver()?;
    let out = root().join("out/demo");
    std::fs::create_dir_all(&out).map_err(|e| format!("{}: {e}", out.display()))?;
    run(cargo_command().args(["build", "--release", "--package", "ocelli-cli"]))?;
    let runtime = system::runtime_folder();
    let mut results = Vec::new();
    for (task, package, picture) in TASKS {
        let result = out.join(picture).with_extension(format!("{task}.png"));
        let mut cli = cargo_command();
        cli.args(["run", "--quiet", "--release", "--package", "ocelli-cli", "--", task]);
        cli.arg(root().join("assets/images").join(picture)).arg("-o").arg(&result);
        cli.arg("--model").arg(root().join("assets/models").join(package));
        if let Some(folder) = &runtime {
            cli.env("XDG_RUNTIME_DIR", folder);
        }
        let begun = Instant::now();
        run(&mut cli)?;
        results.push((result, begun.elapsed().as_secs_f32()));
    }
    if let Some(folder) = runtime {
        let _ = std::fs::remove_dir_all(folder);
    }
    println!("\nresults, with the time of the whole command (the first run of a model compiles its kernels):");
    for (result, seconds) in results {
        println!("  {}  {seconds:.1} s", result.display());
    }
    Ok(())
}
