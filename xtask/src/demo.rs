//! The tasks on the sample pictures with the models of this repository, and all of it side by side on one sheet.

use std::path::{Path, PathBuf};
use std::time::Instant;

use crate::run::{cargo_command, root, run, target};
use crate::system;

/// What is shown in a row of the sheet.
struct Row {
    task: &'static str,
    /// A package below assets/models; the row is left out while it is not there.
    package: &'static str,
    /// A picture below assets/images.
    picture: &'static str,
    /// What the picture shows before.
    before: &'static str,
}

const ROWS: [Row; 4] = [
    Row { task: "upscale", package: "ocelli-sr-x4", picture: "parrot-small.png", before: "64 pixels, bicubic" },
    Row { task: "denoise", package: "ocelli-denoise", picture: "plane-noisy.png", before: "noise of sigma 25" },
    Row { task: "enhance", package: "ocelli-lowlight", picture: "face-dark.png", before: "three stops too dark" },
    Row { task: "detect", package: "ocelli-cells", picture: "cells.jpg", before: "blood cells" },
];

/// Runs them in release mode and prints where the results are.
pub fn run_all() -> Result<(), String> {
    system::driver()?;
    let out = root().join("out/demo");
    std::fs::create_dir_all(&out).map_err(|e| format!("{}: {e}", out.display()))?;
    run(cargo_command().args(["build", "--release", "--package", "ocelli-cli", "--package", "ocelli-examples"]))?;
    let runtime = system::runtime_folder();
    let (models, images) = (root().join("assets/models"), root().join("assets/images"));
    let mut results: Vec<(PathBuf, f32)> = Vec::new();
    let sheet = out.join("sheet.png");
    let mut cells = crate::run::command(program("contact-sheet"));
    cells.arg(&sheet);
    for row in ROWS.iter().filter(|row| models.join(row.package).is_dir()) {
        let picture = images.join(row.picture);
        let result = out.join(row.picture).with_extension(format!("{}.png", row.task));
        let mut cli = crate::run::command(program("ocelli"));
        cli.arg(row.task).arg(&picture).arg("-o").arg(&result).args(["--model", row.package]);
        if let Some(folder) = &runtime {
            cli.env("XDG_RUNTIME_DIR", folder);
        }
        let begun = Instant::now();
        run(&mut cli)?;
        results.push((result.clone(), begun.elapsed().as_secs_f32()));
        cells.arg(picture).arg(row.before).arg(result).arg(row.package);
    }
    if let Some(folder) = runtime {
        let _ = std::fs::remove_dir_all(folder);
    }
    run(&mut cells)?;
    println!("\nresults, with the time of the whole command (the first run of a model compiles its kernels):");
    for (result, seconds) in results {
        println!("  {}  {seconds:.1} s", result.display());
    }
    println!("all of them side by side: {}", sheet.display());
    Ok(())
}

/// A program of this workspace, as built in release mode.
fn program(name: &str) -> PathBuf {
    target().join("release").join(Path::new(name).with_extension(std::env::consts::EXE_EXTENSION))
}
