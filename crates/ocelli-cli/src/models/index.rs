//! The index of models that can be downloaded: `assets/index.toml`, or a file of the user's in the same format.

use std::collections::BTreeSet;
use std::path::Path;

use ocelli::Error;
use ocelli::vision::Package;

use crate::context::io_error;

/// The index that the binary carries.
const EMBEDDED: &str = include_str!("../../../../assets/index.toml");

/// Largest index that is read, in bytes.
const MAX_TEXT_BYTES: u64 = 16 << 20;

/// Largest model that an index may name, in bytes.
const MAX_MODEL_BYTES: u64 = 16 << 30;

/// The file of every downloaded model within its folder.
pub const MODEL_FILE: &str = "model.onnx";

/// A model that can be downloaded.
pub struct Entry {
    /// Where the file is.
    pub url: String,
    /// How long it is.
    pub size_bytes: u64,
    /// What it is.
    pub package: Package,
    /// `package` as the text of a `model.toml`.
    pub toml: String,
}

/// All of an index, in its order.
pub struct Index {
    /// The models.
    pub entries: Vec<Entry>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    #[serde(default)]
    model: Vec<RawEntry>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct RawEntry {
    url: String,
    size_bytes: u64,
    package: toml::Table,
}

impl Index {
    /// The index in the file at `path`, else the one that the binary carries.
    pub fn load(path: Option<&Path>) -> Result<Index, Error> {
        let Some(path) = path else { return Index::parse(EMBEDDED, "the index") };
        let size = std::fs::metadata(path).map_err(|e| io_error(path, e))?.len();
        if size > MAX_TEXT_BYTES {
            return Err(Error::Usage(format!("{}: {size} bytes, at most {MAX_TEXT_BYTES} are read", path.display())));
        }
        let text = std::fs::read_to_string(path).map_err(|e| io_error(path, e))?;
        Index::parse(&text, &path.display().to_string())
    }

    /// Reads an index; `place` names it in errors.
    pub fn parse(text: &str, place: &str) -> Result<Index, Error> {
        let wrong = |what: String| Error::Usage(format!("{place}: {what}"));
        let raw: Raw = toml::from_str(text).map_err(|e| wrong(e.to_string()))?;
        let mut names = BTreeSet::new();
        let mut entries = Vec::new();
        for raw in raw.model {
            let toml = toml::to_string(&raw.package).map_err(|e| wrong(e.to_string()))?;
            let package = Package::parse(&toml, Path::new(place))?;
            let entry = Entry { url: raw.url, size_bytes: raw.size_bytes, package, toml };
            entry.validate().map_err(wrong)?;
            if !names.insert(entry.package.name.clone()) {
                return Err(wrong(format!("two models named {:?}", entry.package.name)));
            }
            entries.push(entry);
        }
        Ok(Index { entries })
    }

    /// The model of this name.
    pub fn find(&self, name: &str) -> Option<&Entry> {
        self.entries.iter().find(|e| e.package.name == name)
    }
}

impl Entry {
    /// The first thing that is wrong.
    fn validate(&self) -> Result<(), String> {
        let Entry { url, size_bytes, package, .. } = self;
        let name = &package.name;
        if !is_name(name) {
            return Err(format!(
                "name = {name:?}: expected 1 to 64 of a-z, 0-9, `.`, `_`, `-`, a letter or digit first"
            ));
        }
        if !url.starts_with("https://") && !url.starts_with("http://") {
            return Err(format!("model `{name}`: url = {url:?}: expected https:// or http://"));
        }
        if url.contains(|c: char| c.is_whitespace() || c.is_control()) {
            return Err(format!("model `{name}`: url = {url:?}: has white space"));
        }
        if !(1..=MAX_MODEL_BYTES).contains(size_bytes) {
            return Err(format!("model `{name}`: size_bytes = {size_bytes}: expected 1 to {MAX_MODEL_BYTES}"));
        }
        if package.sha256.is_empty() {
            return Err(format!("model `{name}`: sha256 is missing"));
        }
        if package.file != Path::new(MODEL_FILE) {
            return Err(format!("model `{name}`: file = {}: expected {MODEL_FILE}", package.file.display()));
        }
        // What is downloaded is one file.
        if package.stage_paths().len() > 1 || self.toml.contains("labels_file") {
            return Err(format!("model `{name}`: stages and labels_file are not for an index; state labels"));
        }
        Ok(())
    }
}

/// Whether `name` is one for a model: also that of a folder on every system.
pub fn is_name(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let stem = name.split('.').next().unwrap_or_default();
    let device = matches!(stem, "con" | "prn" | "aux" | "nul")
        || (stem.len() == 4 && (stem.starts_with("com") || stem.starts_with("lpt")));
    (1..=64).contains(&name.len())
        && name.starts_with(plain)
        && !name.ends_with('.')
        && name.chars().all(|c| plain(c) || matches!(c, '.' | '_' | '-'))
        && !device
}

#[cfg(test)]
#[path = "index_tests.rs"]
mod tests;
