use std::path::Path;

use ocelli::tasks::{Task, infer_package};
use ocelli::vision;
use ocelli::{Engine, Error, Model};

use super::index::Index;
use crate::shipped::{self, Shipped};

/// The model that `--model` names, or the shipped one for this task; `leveled` asks for one that is told a noise level.
///
/// A name is looked for among the shipped models, then as a file or folder, then among those that were downloaded.
pub fn open(engine: &Engine, name: Option<&str>, kind: vision::Task, leveled: bool) -> Result<Task, Error> {
    let shipped = match name {
        None => Shipped::default_for(kind, leveled),
        Some(name) => shipped::ALL.iter().find(|s| s.name == name),
    };
    let task = match (shipped, name) {
        (Some(s), _) => Task::from_model(engine, s.package()?, &Model::from_bytes(s.onnx.to_vec())?)?,
        (None, Some(name)) => named(engine, name, kind)?,
        (None, None) => {
            return Err(Error::Usage(format!(
                "no model for {} is shipped; name one with --model: `ocelli models list --task {}` lists them",
                kind.name(),
                kind.name()
            )));
        }
    };
    let got = task.package().task;
    if got != kind && !(got.is_picture() && kind.is_picture()) {
        return Err(Error::Usage(format!(
            "model `{}` is for {}, not for {}",
            task.package().name,
            got.name(),
            kind.name()
        )));
    }
    Ok(task)
}

fn named(engine: &Engine, name: &str, kind: vision::Task) -> Result<Task, Error> {
    let path = Path::new(name);
    if !path.exists() {
        if let Some(folder) = super::downloaded(name) {
            return Task::open(engine, folder);
        }
        let listed = Index::load(None)?.find(name).is_some();
        return Err(Error::Usage(if listed {
            format!("--model {name}: not downloaded yet: `ocelli models get {name}`")
        } else {
            let names: Vec<&str> = shipped::ALL.iter().map(|s| s.name).collect();
            format!(
                "--model {name}: no such file or folder; shipped are {}, and `ocelli models list` lists what can be \
                 downloaded",
                names.join(", ")
            )
        }));
    }
    let beside = path.with_extension("toml");
    if path.extension().is_none_or(|e| e != "onnx") {
        return Task::open(engine, path);
    }
    if beside.is_file() {
        return Task::open(engine, beside);
    }
    let model = Model::open(path).map_err(|e| e.about(name))?;
    let (package, assumed) = infer_package(&model, kind, name)?;
    for line in assumed {
        log::warn!("{name}: {line}");
    }
    Task::from_model(engine, package, &model)
}
