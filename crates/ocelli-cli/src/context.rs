use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use ocelli::{Engine, EngineOptions, Error};

use crate::args::Args;

/// Opens the engine that the arguments ask for.
pub fn engine(args: &Args) -> Result<Engine, Error> {
    engine_on(args, args.device.clone())
}

/// Opens an engine for each index of a `--device` such as `0,1`, or the one that the arguments ask for.
pub fn engines(args: &Args) -> Result<Vec<Engine>, Error> {
    // Names have commas too.
    let is_index = |part: &&str| part.parse::<usize>().is_ok();
    match args.device.as_deref().map(|d| d.split(',').map(str::trim).collect::<Vec<_>>()) {
        Some(parts) if parts.len() > 1 && parts.iter().all(is_index) => {
            parts.into_iter().map(|part| engine_on(args, Some(part.to_owned()))).collect()
        }
        _ => Ok(vec![engine(args)?]),
    }
}

fn engine_on(args: &Args, device: Option<String>) -> Result<Engine, Error> {
    let options = EngineOptions {
        device,
        memory_limit_bytes: args.memory_limit.map(|mib| mib << 20),
        cache_folder: cache_folder(),
        reproducible: args.reproducible,
        precision: args.precision.into(),
        ..EngineOptions::default()
    };
    Ok(Engine::open(&options)?)
}

/// Where compiled pipelines and downloaded models are kept: `OCELLI_CACHE`, else the user's cache folder.
pub fn cache_folder() -> Option<PathBuf> {
    if let Some(folder) = std::env::var_os("OCELLI_CACHE") {
        return Some(folder.into());
    }
    let from = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    let base = if cfg!(windows) {
        from("LOCALAPPDATA")
    } else if cfg!(target_os = "macos") {
        from("HOME").map(|home| home.join("Library/Caches"))
    } else {
        from("XDG_CACHE_HOME").or_else(|| from("HOME").map(|home| home.join(".cache")))
    };
    base.map(|base| base.join("ocelli"))
}

/// Runs `f`; a panic becomes an error.
pub fn guarded<T>(f: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    catch_unwind(AssertUnwindSafe(f)).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
        Err(Error::Internal(text.unwrap_or("a panic without a message").to_owned()))
    })
}

/// The text on one line.
pub fn one_line(text: &str) -> String {
    text.split('\n').map(str::trim).filter(|s| !s.is_empty()).collect::<Vec<_>>().join("; ")
}

/// An I/O error about a file.
pub fn io_error(path: &Path, source: std::io::Error) -> Error {
    Error::Io { path: path.display().to_string(), source }
}

/// Writes a text file: all of it or, on an error, what was there before.
pub fn write_text(path: &Path, text: &str) -> Result<(), Error> {
    ocelli::vision::image_io::write_atomic(path, text.as_bytes()).map_err(|e| io_error(path, e))
}
