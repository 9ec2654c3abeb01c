//! Model packages: a folder with `model.toml` and the model that it describes.
//!
//! The format is written down in `docs/model-packages.md`.

mod checksum;
mod spec;
mod validate;

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

pub use checksum::{sha256_of_bytes, sha256_of_file};
pub use spec::{
    Activation, Align, BoxCode, ClassifySpec, ColorOrder, Decoder, DetectSpec, Fit, InputSpec, Layout, Light,
    NoiseSpec, OutputSpec, PadMode, PoseSpec, SegmentKind, SegmentSpec, SizeRule, Stage, Task,
};

use crate::error::{Result, VisionError};

/// A `model.toml` that has been read and checked.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Package {
    /// Short name, as the command line takes it.
    pub name: String,
    /// What the model does.
    pub task: Task,
    /// The model file, relative to the package's folder.
    pub file: PathBuf,
    /// One line for people.
    #[serde(default)]
    pub description: String,
    /// Licence of the weights.
    #[serde(default)]
    pub licence: String,
    /// Where the model came from.
    #[serde(default)]
    pub source: String,
    /// SHA-256 of the model file, 64 lower-case hexadecimal digits; empty when unknown, and then not checked.
    #[serde(default)]
    pub sha256: String,
    /// What the model is fed.
    #[serde(default)]
    pub input: InputSpec,
    /// What a model that answers with a picture answers.
    #[serde(default)]
    pub output: OutputSpec,
    /// How detections are read, for `task = "detect"`.
    pub detect: Option<DetectSpec>,
    /// How a mask is read, for `task = "segment"`.
    pub segment: Option<SegmentSpec>,
    /// How classes are read, for `task = "classify"`.
    pub classify: Option<ClassifySpec>,
    /// How keypoints are read, for `task = "pose"`.
    pub pose: Option<PoseSpec>,
    /// Measured figures by name.
    #[serde(default)]
    pub quality: BTreeMap<String, f64>,
    /// The folder that `file` is relative to.
    #[serde(skip)]
    directory: PathBuf,
}

/// Largest `model.toml` or label file that is read, in bytes.
const MAX_TEXT_BYTES: u64 = 4 << 20;

impl Package {
    /// Reads `directory/model.toml` and checks the files that it gives a checksum for.
    ///
    /// Errors: the description is wrong; a file with a checksum is missing; or it has another one
    /// ([`VisionError::Checksum`]).
    pub fn load(directory: impl AsRef<Path>) -> Result<Package> {
        let directory = directory.as_ref();
        Package::read(&directory.join("model.toml"), directory)
    }

    /// [`Package::load`] for the description at `path` of a model whose `file` is relative to `models`.
    pub fn read(path: &Path, models: &Path) -> Result<Package> {
        let text = read_text(path)?;
        let mut package = Package::parse(&text, path)?;
        models.clone_into(&mut package.directory);
        let folder = path.parent().unwrap_or(Path::new("."));
        if let Some(spec) = &mut package.detect {
            resolve(&mut spec.labels, spec.labels_file.as_deref(), folder, path)?;
        }
        if let Some(spec) = &mut package.segment {
            resolve(&mut spec.labels, spec.labels_file.as_deref(), folder, path)?;
        }
        if let Some(spec) = &mut package.classify {
            resolve(&mut spec.labels, spec.labels_file.as_deref(), folder, path)?;
        }
        for (file, sha256) in package.files() {
            checksum::check(&file, sha256)?;
        }
        Ok(package)
    }

    /// Reads a description from text; `path` names it in errors. No other file is looked at: neither labels nor models.
    pub fn parse(text: &str, path: &Path) -> Result<Package> {
        let package: Package = toml::from_str(text).map_err(|e| VisionError::Package {
            path: path.to_owned(),
            text: e.to_string().trim_end().replace('\n', "; "),
        })?;
        package.validate().map_err(|text| VisionError::Package { path: path.to_owned(), text })?;
        Ok(package)
    }

    /// The model file.
    pub fn model_path(&self) -> PathBuf {
        self.directory.join(&self.file)
    }

    /// The files of a cascade: the model itself, then the later stages. One path for any other model.
    pub fn stage_paths(&self) -> Vec<PathBuf> {
        self.files().map(|(path, _)| path).collect()
    }

    /// The files of a cascade in order, each with its checksum.
    fn files(&self) -> impl Iterator<Item = (PathBuf, &str)> {
        let stages = self.detect.iter().flat_map(|d| &d.stages);
        std::iter::once((&self.file, &self.sha256))
            .chain(stages.map(|s| (&s.file, &s.sha256)))
            .map(|(file, sha256)| (self.directory.join(file), sha256.as_str()))
    }
}

/// Whether a path of a package stays inside its folder.
fn is_inside(path: &Path) -> bool {
    path.components().next().is_some()
        && path.components().all(|c| matches!(c, Component::Normal(_) | Component::CurDir))
}

fn read_text(path: &Path) -> Result<String> {
    let io = |source| VisionError::Io { path: path.to_owned(), source };
    let size = std::fs::metadata(path).map_err(io)?.len();
    if size > MAX_TEXT_BYTES {
        return Err(VisionError::Limit {
            what: format!("{}: bytes of the file", path.display()),
            got: size,
            limit: MAX_TEXT_BYTES,
        });
    }
    std::fs::read_to_string(path).map_err(io)
}

/// Fills `labels` from `file`, one a line.
fn resolve(labels: &mut Vec<String>, file: Option<&Path>, folder: &Path, package: &Path) -> Result<()> {
    let Some(file) = file else { return Ok(()) };
    if !is_inside(file) {
        return Err(VisionError::Package {
            path: package.to_owned(),
            text: format!("labels_file = {:?}: must be a path inside the package's folder", file.display().to_string()),
        });
    }
    let text = read_text(&folder.join(file))?;
    *labels = text.lines().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()).collect();
    Ok(())
}

#[cfg(test)]
mod tests;
