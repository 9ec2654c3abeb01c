//! Side by side with other engines: environments with pinned versions, the models, the measurement.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::oracle::base_python;
use crate::run::{cargo_command, command, root, run, target};
use crate::system;

/// What `cargo xtask bench peers` takes.
#[derive(clap::Args)]
pub struct Options {
    /// Rounds over all peers
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// How long one measurement lasts
    #[arg(long, default_value_t = 3.0)]
    seconds: f64,
    /// Only these models, with commas between them
    #[arg(long)]
    models: Option<String>,
    /// Only these peers: ncnn_vulkan, ncnn_vulkan_f16, ort_webgpu, ort_cpu, ncnn_cpu
    #[arg(long)]
    peers: Option<String>,
    /// Where the page goes
    #[arg(long, default_value = "docs/benchmarks")]
    out: PathBuf,
    /// An ocelli that is built already, instead of building one in release mode
    #[arg(long)]
    ocelli: Option<PathBuf>,
}

/// Sets everything up in the cache folder, measures, prints the table and writes the page.
pub fn bench(options: &Options) -> Result<(), String> {
    println!(
        "needs python3 with venv, and the network once (packages of about 500 MB); everything goes to {}",
        cache().display()
    );
    system::driver()?;
    let scripts = root().join("xtask/peers");
    let python = environment(&scripts, "venv", "requirements.txt", &["requirements-converter.txt"])?;
    let webgpu = environment(&scripts, "venv-webgpu", "requirements-webgpu.txt", &[])?;
    let models = cache().join("models");
    let names: Vec<&str> = options.models.iter().flat_map(|m| m.split(',')).collect();
    for script in ["models.py", "convert.py"] {
        run(command(&python).arg(scripts.join(script)).arg(&models).args(&names))?;
    }
    let ocelli = match &options.ocelli {
        Some(program) => std::path::absolute(program).map_err(|e| format!("{}: {e}", program.display()))?,
        None => {
            run(cargo_command().args(["build", "--release", "--package", "ocelli-cli"]))?;
            target().join("release").join(format!("ocelli{}", std::env::consts::EXE_SUFFIX))
        }
    };
    let mut compare = command(&python);
    compare.arg(scripts.join("compare.py"));
    compare.arg("--ocelli").arg(ocelli).arg("--models").arg(&models);
    compare.arg("--python").arg(&python).arg("--python-webgpu").arg(&webgpu).arg("--out").arg(&options.out);
    compare.args(["--rounds", &options.rounds.to_string(), "--seconds", &options.seconds.to_string()]);
    compare.args(["--commit", &commit(), "--command", &shown(options)]);
    if let Some(names) = &options.models {
        compare.args(["--names", names]);
    }
    if let Some(peers) = &options.peers {
        compare.args(["--peers", peers]);
    }
    if let Some(folder) = system::runtime_folder() {
        compare.env("XDG_RUNTIME_DIR", folder);
    }
    run(&mut compare)
}

/// The command that gives the same page.
fn shown(options: &Options) -> String {
    let mut text = format!("cargo xtask bench peers --rounds {} --seconds {}", options.rounds, options.seconds);
    for (flag, value) in [("--models", &options.models), ("--peers", &options.peers)] {
        if let Some(value) = value {
            text += &format!(" {flag} {value}");
        }
    }
    text
}

/// Environments and models: `OCELLI_CACHE`, else the user's cache folder.
fn cache() -> PathBuf {
    let from = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    let user = || {
        let home = from("HOME").or_else(|| from("LOCALAPPDATA")).unwrap_or_else(target);
        from("XDG_CACHE_HOME").unwrap_or_else(|| home.join(".cache")).join("ocelli")
    };
    from("OCELLI_CACHE").unwrap_or_else(user).join("peers")
}

/// The interpreter of an environment, made when it is not there or its requirements have changed. The packages of
/// `alone` are installed without what they depend on.
fn environment(scripts: &Path, name: &str, requirements: &str, alone: &[&str]) -> Result<PathBuf, String> {
    let folder = cache().join(name);
    let python = folder.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    let files: Vec<PathBuf> = [requirements].iter().chain(alone).map(|f| scripts.join(f)).collect();
    let wanted: String = files.iter().map(|f| std::fs::read_to_string(f).unwrap_or_default()).collect();
    let stamp = folder.join("requirements.txt");
    if python.exists() && std::fs::read_to_string(&stamp).is_ok_and(|text| text == wanted) {
        return Ok(python);
    }
    if folder.exists() {
        std::fs::remove_dir_all(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    }
    run(command(base_python()?).args(["-m", "venv"]).arg(&folder))?;
    for (i, file) in files.iter().enumerate() {
        let mut install = command(&python);
        install.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--only-binary", ":all:"]);
        if i > 0 {
            install.arg("--no-deps");
        }
        run(install.arg("-r").arg(file))?;
    }
    std::fs::write(&stamp, wanted).map_err(|e| format!("{}: {e}", stamp.display()))?;
    Ok(python)
}

/// The commit, marked when the tree differs from it; empty outside of a repository.
fn commit() -> String {
    let git = |arguments: &[&str]| {
        let output = Command::new("git").current_dir(root()).args(arguments).output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let Some(commit) = git(&["rev-parse", "--short", "HEAD"]) else {
        return String::new();
    };
    match git(&["status", "--porcelain", "--untracked-files=no"]) {
        Some(changes) if !changes.is_empty() => format!("{commit} with changes"),
        _ => commit,
    }
}
