//! The oracle: a Python environment with ONNX Runtime, and the references that it computes.

use std::path::{Path, PathBuf};

use crate::run::{command, root, run, target, works};
use crate::system;

/// Makes the environment and the references; both are kept while nothing they depend on changes. Returns the folder of
/// the references.
pub fn make() -> Result<PathBuf, String> {
    let python = environment()?;
    let data = std::env::var_os("OCELLI_TEST_DATA").map_or_else(|| root().join("../shared"), PathBuf::from);
    if !data.join("models").is_dir() {
        eprintln!("NOT RUN: models against ONNX Runtime: no test data at {} (set OCELLI_TEST_DATA)", data.display());
    }
    let out = target().join("oracle");
    run(command(python).arg("tests/oracle/make_references.py").arg(data).arg(&out))?;
    Ok(out)
}

/// The interpreter of the environment, made when it is not there or its requirements have changed.
fn environment() -> Result<PathBuf, String> {
    let folder = target().join("oracle-venv");
    let inside = if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" };
    let python = folder.join(inside);
    let requirements = root().join("tests/oracle/requirements.txt");
    let read = |path: &Path| std::fs::read_to_string(path).unwrap_or_default();
    let stamp = folder.join("requirements.txt");
    if python.exists() && read(&stamp) == read(&requirements) {
        return Ok(python);
    }
    let _ = std::fs::remove_dir_all(&folder);
    let base = base_python()?;
    run(command(base).args(["-m", "venv"]).arg(&folder))?;
    let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--only-binary", ":all:", "-r"];
    run(command(&python).args(install).arg(&requirements))?;
    std::fs::copy(&requirements, &stamp).map_err(|e| format!("{}: {e}", stamp.display()))?;
    Ok(python)
}

/// A Python that can make environments.
pub fn base_python() -> Result<&'static str, String> {
    let usable = |python: &&&str| works(python, &["-c", "import ensurepip, venv"]);
    let find = || ["python3", "python"].iter().find(usable).copied();
    if let Some(python) = find() {
        return Ok(python);
    }
    if cfg!(target_os = "linux") {
        system::apt_install(&["python3", "python3-venv"])?;
    }
    find().ok_or_else(|| "Python 3 with its venv module is needed".to_owned())
}
