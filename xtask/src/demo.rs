//! The three tasks on the sample images with the models of this repository.

use std::path::PathBuf;

use crate::run::{cargo_command, root, run};
use crate::system;

/// Task, its package below assets/models, and the words that pick its pictures from assets/images (all of them when
/// none matches).
const TASKS: [(&str, &str, &[&str]); 3] = [
    ("upscale", "ocelli-sr-x2", &["small", "upscale", "low"]),
    ("denoise", "ocelli-denoise", &["noisy", "noise"]),
    ("detect", "ocelli-cells", &["cells", "blood", "cell"]),
];

/// Runs them in release mode and prints where the results are.
pub fn run_all() -> Result<(), String> {
    system::driver()?;
    let out = root().join("out/demo");
    std::fs::create_dir_all(&out).map_err(|e| format!("{}: {e}", out.display()))?;
    let pictures = pictures()?;
    run(cargo_command().args(["build", "--release", "--package", "ocelli-cli"]))?;
    let mut results = Vec::new();
    for (task, package, words) in TASKS {
        let model = root().join("assets/models").join(package);
        let named = |p: &&PathBuf| {
            let stem = p.file_stem().unwrap_or_default().to_string_lossy().to_lowercase();
            words.iter().any(|w| stem.contains(w))
        };
        let mut chosen: Vec<&PathBuf> = pictures.iter().filter(named).collect();
        if chosen.is_empty() {
            chosen = pictures.iter().collect();
        }
        for picture in chosen {
            let stem = picture.file_stem().unwrap_or_default().to_string_lossy();
            let result = out.join(format!("{stem}-{task}.png"));
            let mut cli = cargo_command();
            cli.args(["run", "--quiet", "--release", "--package", "ocelli-cli", "--", task]);
            run(cli.arg(picture).arg("-o").arg(&result).arg("--model").arg(&model))?;
            results.push(result);
        }
    }
    println!("\nresults:");
    for result in results {
        println!("  {}", result.display());
    }
    Ok(())
}

fn pictures() -> Result<Vec<PathBuf>, String> {
    let folder = root().join("assets/images");
    let entries = std::fs::read_dir(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let mut all: Vec<PathBuf> = entries.flatten().map(|e| e.path()).collect();
    all.retain(|p| p.extension().is_some_and(|e| e == "png" || e == "jpg" || e == "jpeg"));
    all.sort();
    if all.is_empty() {
        return Err(format!("{}: no pictures", folder.display()));
    }
    Ok(all)
}
