//! Whole jobs on pictures: a model package, its sessions on an engine, and what the package says around them.
//!
//! ```no_run
//! # fn main() -> Result<(), ocelli::Error> {
//! use ocelli::{Engine, EngineOptions, tasks::Task, vision::image_io};
//! let engine = Engine::open(&EngineOptions::default())?;
//! let upscaler = Task::open(&engine, "models/ocelli-sr-x2")?;
//! let picture = image_io::read("photo.jpg")?;
//! let larger = upscaler.restore(&picture, &Default::default(), &mut |_| true)?;
//! image_io::write("photo-x2.png", &larger)?;
//! # Ok(())
//! # }
//! ```

mod ensemble;
mod field;
mod files;
mod infer;
mod level;
mod restoring;
mod team;
mod tile;
mod truncation;

use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};

use ocelli_graph::analysis::ReceptiveField;
use ocelli_graph::{Graph, TensorType};
use ocelli_runtime::{Engine, Session};
use ocelli_tensor::{Dim, Tensor};
use ocelli_vision::decode::{self, ClassScore, Mask, Pose};
use ocelli_vision::package::{DetectSpec, Fit, Layout, SizeRule};
use ocelli_vision::preprocess::{self, Prepared};
use ocelli_vision::{Detection, Image, Package};

pub use field::receptive_field;
pub use files::{FileOptions, Way, Written};
pub use infer::infer_package;
pub use truncation::Truncation;

use self::level::Level;
use crate::{Error, Model};

/// A model package on an engine, ready for pictures.
pub struct Task {
    package: Package,
    /// The model, then the later stages of a cascade.
    sessions: Vec<Session>,
    /// Width and height that the model file demands.
    fixed: Option<(usize, usize)>,
    /// The input that takes a noise level.
    level: Option<Level>,
    /// What a pixel of the result depends on, for models that answer with a picture.
    field: Option<ReceptiveField>,
    /// The first model on a device that was opened when its own was lost.
    replaced: Mutex<Option<Arc<Session>>>,
    /// Whether it has been said that tiles see only themselves.
    told: AtomicBool,
    /// Whether it has been said that other devices go on without this one.
    left: AtomicBool,
}

/// How a picture is cut, and what the model is told beside it.
#[derive(Clone, Copy, Debug, Default)]
pub struct RestoreOptions {
    /// Largest width and height in pixels of a tile; found from the plan and the device's limits when unset.
    pub tile: Option<usize>,
    /// Pixels of overlap on each side of a tile; when unset, what a pixel of the result depends on by the graph or, where
    /// that is everything, what the package says.
    pub halo: Option<usize>,
    /// Standard deviation of the noise in steps of eight bits, for a package with `[input.noise]`; what that says when
    /// unset.
    pub noise: Option<f32>,
    /// Test-time augmentation: each tile is run in all its turns and reflections ([`Task::turns`]), and the mean is taken.
    pub tta: bool,
}

/// Called with the fraction done, in 0..1; returning `false` cancels.
pub type Progress<'a> = dyn FnMut(f32) -> bool + 'a;

impl Task {
    /// Opens a package: a folder with `model.toml`, or a `.toml` file beside its model.
    pub fn open(engine: &Engine, path: impl AsRef<Path>) -> Result<Task, Error> {
        let path = path.as_ref();
        let package = if path.is_dir() {
            Package::load(path)?
        } else {
            Package::read(path, path.parent().unwrap_or(Path::new(".")))?
        };
        Task::from_package(engine, package)
    }

    /// Opens the models that a package names.
    pub fn from_package(engine: &Engine, package: Package) -> Result<Task, Error> {
        let models = package
            .stage_paths()
            .iter()
            .map(|path| Model::open(path).map_err(|e| e.about(path.display())))
            .collect::<Result<Vec<_>, Error>>()?;
        Task::build(engine, package, &models)
    }

    /// A package whose model is already in memory.
    pub fn from_model(engine: &Engine, package: Package, model: &Model) -> Result<Task, Error> {
        Task::build(engine, package, std::slice::from_ref(model))
    }

    fn build(engine: &Engine, package: Package, models: &[Model]) -> Result<Task, Error> {
        let first = models.first().ok_or_else(|| Error::Usage("a package without a model".to_owned()))?;
        let stated = stated_size(first.graph(), package.input.layout);
        let fixed = match package.input.size {
            SizeRule::Fixed => package.input.fixed_size(stated),
            _ => stated,
        };
        let level = Level::of(&package, first.graph())?;
        let sessions = models.iter().map(|m| m.session(engine)).collect::<Result<_, _>>()?;
        let field = field::of_package(&package, first.graph(), level.as_ref());
        let [told, left] = [false; 2].map(AtomicBool::new);
        Ok(Task { package, sessions, fixed, level, field, replaced: Mutex::default(), told, left })
    }

    /// The package.
    pub fn package(&self) -> &Package {
        &self.package
    }

    /// The model's session, then those of the later stages of a cascade: for [`Session::prepare`] and the like.
    pub fn sessions(&self) -> &[Session] {
        &self.sessions
    }

    /// What a pixel of the result depends on, for models that answer with a picture: computed from the graph.
    pub fn receptive_field(&self) -> Option<&ReceptiveField> {
        self.field.as_ref()
    }

    /// Finds things in a picture.
    pub fn detect(&self, image: &Image) -> Result<Vec<Detection>, Error> {
        let spec = self.package.detect.as_ref().ok_or_else(|| self.wrong_task("detect"))?;
        self.detect_with(image, spec)
    }

    /// [`Task::detect`] with another section `[detect]`: thresholds and the like, for the same decoder.
    pub fn detect_with(&self, image: &Image, spec: &DetectSpec) -> Result<Vec<Detection>, Error> {
        if spec.decoder == ocelli_vision::package::Decoder::Mtcnn {
            return decode::mtcnn(image, &self.package.input, spec, |stage, tensor| {
                let session = self.session(stage.index())?;
                let outputs = session.run(&[tensor])?;
                Ok(session.output_names().into_iter().map(str::to_owned).zip(outputs).collect())
            });
        }
        let prepared = self.prepare(image)?;
        let outputs = self.named_outputs(prepared.tensor)?;
        Ok(decode::detections(spec, &outputs, &prepared.geometry)?)
    }

    /// The class of every pixel.
    pub fn segment(&self, image: &Image) -> Result<Mask, Error> {
        let spec = self.package.segment.as_ref().ok_or_else(|| self.wrong_task("segment"))?;
        let prepared = self.prepare(image)?;
        let output = finite(self.session(0)?.run(&[prepared.tensor])?)?;
        Ok(decode::mask(spec, &self.package.input, &output, &prepared.geometry)?)
    }

    /// The most likely classes, best first.
    pub fn classify(&self, image: &Image) -> Result<Vec<ClassScore>, Error> {
        let spec = self.package.classify.as_ref().ok_or_else(|| self.wrong_task("classify"))?;
        let output = finite(self.session(0)?.run(&[self.prepare(image)?.tensor])?)?;
        Ok(decode::classes(spec, &output)?)
    }

    /// The keypoints of a body.
    pub fn pose(&self, image: &Image) -> Result<Pose, Error> {
        let spec = self.package.pose.as_ref().ok_or_else(|| self.wrong_task("pose"))?;
        let prepared = self.prepare(image)?;
        let output = finite(self.session(0)?.run(&[prepared.tensor])?)?;
        Ok(decode::pose(spec, &self.package.input, &output, &prepared.geometry)?)
    }

    fn session(&self, i: usize) -> Result<&Session, Error> {
        self.sessions.get(i).ok_or_else(|| Error::Usage(format!("package `{}` has no model {i}", self.package.name)))
    }

    fn prepare(&self, image: &Image) -> Result<Prepared, Error> {
        let fixed = if self.package.input.fit == Fit::Tile { None } else { self.fixed };
        Ok(preprocess::prepare(image, &self.package.input, fixed)?)
    }

    fn named_outputs(&self, tensor: Tensor) -> Result<Vec<(String, Tensor)>, Error> {
        let session = self.session(0)?;
        let outputs = session.run(&[tensor])?;
        Ok(session.output_names().into_iter().map(str::to_owned).zip(outputs).collect())
    }

    fn wrong_task(&self, wanted: &str) -> Error {
        Error::Usage(format!("package `{}` is for {}, not for {wanted}", self.package.name, self.package.task.name()))
    }
}

/// The first output.
fn first(outputs: Vec<Tensor>) -> Result<Tensor, Error> {
    outputs.into_iter().next().ok_or_else(|| Error::Usage("the model has no output".to_owned()))
}

/// The first output, which must be finite: a broken result never becomes a mask, a class or a pose. Restored pictures
/// are checked where they are put together.
fn finite(outputs: Vec<Tensor>) -> Result<Tensor, Error> {
    let first = first(outputs)?;
    if let Ok(values) = first.view::<f32>() {
        if let Some(i) = values.iter().position(|v| !v.is_finite()) {
            return Err(Error::Broken(format!("the model's result is {} at element {i}", values[i])));
        }
    }
    Ok(first)
}

/// Width and height that the graph's first input states, when it does.
fn stated_size(graph: &Graph, layout: Layout) -> Option<(usize, usize)> {
    let dims = graph.inputs.first()?.dims.as_ref()?;
    let (h, w) = match (layout, &dims[..]) {
        (Layout::Nchw, [_, _, h, w]) | (Layout::Nhwc, [_, h, w, _]) => (h, w),
        _ => return None,
    };
    match (w, h) {
        (Dim::Fixed(w), Dim::Fixed(h)) => Some((*w, *h)),
        _ => None,
    }
}

/// Type of the model's input for a picture of this size.
fn input_type(package: &Package, channels: usize, width: usize, height: usize) -> TensorType {
    let shape = match package.input.layout {
        Layout::Nchw => vec![1, channels, height, width],
        Layout::Nhwc => vec![1, height, width, channels],
    };
    TensorType::new(ocelli_tensor::DType::F32, shape)
}
