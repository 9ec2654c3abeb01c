//! Models by name: those that the binary carries, those that were downloaded, those that an index lists.

mod download;
pub mod index;
mod open;

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use ocelli::Error;

use self::download::Source;
use self::index::{Entry, MODEL_FILE, is_name};
use crate::context::{cache_folder, io_error, write_text};

pub use open::open;

/// A partial file that nobody has written to for so long is nobody's.
const ABANDONED: Duration = Duration::from_secs(120);

/// Where downloaded models are: `models` in the cache folder, each a package in a folder of its name.
pub fn folder() -> Result<PathBuf, Error> {
    let cache = cache_folder();
    cache.map(|c| c.join("models")).ok_or_else(|| Error::Usage("no cache folder is known: set OCELLI_CACHE".to_owned()))
}

/// The folder of the downloaded model `name`, when it is there.
pub fn downloaded(name: &str) -> Option<PathBuf> {
    let folder = folder().ok()?.join(name);
    (is_name(name) && folder.join("model.toml").is_file()).then_some(folder)
}

/// The names of all that were downloaded, sorted.
pub fn all_downloaded() -> Vec<String> {
    let entries = folder().ok().and_then(|f| std::fs::read_dir(f).ok());
    let names = entries.into_iter().flatten().flatten().filter_map(|e| e.file_name().into_string().ok());
    let mut names: Vec<String> = names.filter(|n| downloaded(n).is_some()).collect();
    names.sort();
    names
}

/// Downloads a model and puts its package in place, whole or not at all; returns its folder. `idle` is how long nothing
/// may come; `progress` hears how many bytes are there and answers whether to go on.
pub fn get(entry: &Entry, idle: Duration, progress: &mut dyn FnMut(u64) -> bool) -> Result<PathBuf, Error> {
    let folder = folder()?;
    std::fs::create_dir_all(&folder).map_err(|e| io_error(&folder, e))?;
    let Entry { url, size_bytes, package, toml } = entry;
    let name = &package.name;
    // The checksum in the name keeps the beginnings of different versions apart; the process, two that run at once.
    let start = format!(".{name}-{}", package.sha256.get(..16).unwrap_or_default());
    let kept = folder.join(format!("{start}.partial"));
    let own = |what: &str| folder.join(format!("{start}.{}.{what}", std::process::id()));
    let partial = own("partial");
    if std::fs::rename(&kept, &partial).is_err() {
        adopt(&folder, &start, &partial);
    }
    let source = Source { url, size_bytes: *size_bytes, sha256: &package.sha256 };
    download::fetch(&source, &partial, idle, progress).inspect_err(|_| {
        let _ = std::fs::rename(&partial, &kept);
    })?;
    let new = own("new");
    std::fs::create_dir_all(&new).map_err(|e| io_error(&new, e))?;
    let model = new.join(MODEL_FILE);
    std::fs::rename(&partial, &model).map_err(|e| io_error(&model, e))?;
    write_text(&new.join("model.toml"), toml)?;
    let place = folder.join(name);
    let old = own("old");
    let replaced = std::fs::rename(&place, &old).is_ok();
    std::fs::rename(&new, &place).map_err(|e| io_error(&place, e))?;
    if replaced {
        std::fs::remove_dir_all(&old).map_err(|e| io_error(&old, e))?;
    }
    Ok(place)
}

/// Takes over what a process left that ended without notice.
fn adopt(folder: &Path, start: &str, partial: &Path) {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    for entry in entries {
        let ours = entry.file_name().to_str().is_some_and(|n| n.starts_with(start) && n.ends_with(".partial"));
        let written = entry.metadata().and_then(|m| m.modified()).ok();
        let age = written.and_then(|t| SystemTime::now().duration_since(t).ok()).unwrap_or_default();
        if ours && age > ABANDONED && std::fs::rename(entry.path(), partial).is_ok() {
            return;
        }
    }
}
