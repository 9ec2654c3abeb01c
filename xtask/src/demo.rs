//! The three tasks on the sample pictures with the models of this repository.

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
    let mut results = Vec::new();
    for (task, package, picture) in TASKS {
        let result = out.join(picture).with_extension(format!("{task}.png"));
        let mut cli = cargo_command();
        cli.args(["run", "--quiet", "--release", "--package", "ocelli-cli", "--", task]);
        cli.arg(root().join("assets/images").join(picture)).arg("-o").arg(&result);
        run(cli.arg("--model").arg(root().join("assets/models").join(package)))?;
        results.push(result);
    }
    println!("\nresults:");
    for result in results {
        println!("  {}", result.display());
    }
    Ok(())
}
