use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use ocelli::{Engine, Error, Model, Precision, RunOptions, RuntimeError, Session};

use super::run::{execute, load};
use crate::args::Args;
use crate::context::{engine, guarded, io_error, one_line};

/// One entry of the list.
#[derive(serde::Deserialize)]
struct Job {
    #[serde(default)]
    id: serde_json::Value,
    model: PathBuf,
    #[serde(default)]
    inputs: BTreeMap<String, PathBuf>,
    output_dir: PathBuf,
    #[serde(default)]
    precision: Option<String>,
}

/// `ocelli run --batch LIST.json`: prints one JSON line per run as it ends. The exit code is 1 when one failed.
pub fn run(args: &Args, list: &Path) -> Result<u8, Error> {
    let text = std::fs::read_to_string(list).map_err(|e| io_error(list, e))?;
    let jobs: Vec<serde_json::Value> = serde_json::from_str(&text)
        .map_err(|e| Error::Usage(format!("{}: expected a JSON list: {e}", list.display())))?;
    let mut state = State { engine: None, session: None };
    let mut failed = false;
    for job in jobs {
        let id = job.get("id").cloned().unwrap_or_default();
        let result = guarded(|| {
            let job: Job = serde_json::from_value(job).map_err(|e| Error::Usage(format!("a run of the list: {e}")))?;
            state.one(args, &job)
        });
        let (code, error) = match &result {
            Ok(()) => (0, serde_json::Value::Null),
            Err(e) => (e.exit_code(), serde_json::Value::String(one_line(&e.to_string()))),
        };
        if matches!(result, Err(Error::Internal(_) | Error::Runtime(RuntimeError::Lost(_)))) {
            // What the failure left behind is unknown: the next run starts on a fresh device.
            state = State { engine: None, session: None };
        }
        failed |= code != 0;
        println!("{}", serde_json::json!({ "id": id, "code": code, "error": error }));
        // A reader that went away is noticed at the next print.
        let _ = std::io::stdout().flush();
    }
    if let Some(engine) = &state.engine {
        engine.save_pipeline_cache();
    }
    Ok(u8::from(failed))
}

struct State {
    engine: Option<Engine>,
    /// The session of the last model: lists often run one model on many inputs.
    session: Option<(PathBuf, Precision, Session)>,
}

impl State {
    fn one(&mut self, args: &Args, job: &Job) -> Result<(), Error> {
        let precision = match job.precision.as_deref() {
            None => args.precision.into(),
            Some("auto") => Precision::Auto,
            Some("f32") => Precision::F32,
            Some("f16") => Precision::F16,
            Some(p) => {
                return Err(Error::Usage(format!("precision `{p}`: expected auto, f32 or f16 (run {})", job.id)));
            }
        };
        let files: Vec<(String, PathBuf)> = job.inputs.iter().map(|(n, f)| (n.clone(), f.clone())).collect();
        if self.session.as_ref().is_none_or(|(path, p, _)| *path != job.model || *p != precision) {
            self.session = None;
            let model = Model::open(&job.model).map_err(|e| e.about(job.model.display()))?;
            let engine = match &self.engine {
                Some(engine) => engine.clone(),
                None => self.engine.insert(engine(args)?).clone(),
            };
            self.session = Some((job.model.clone(), precision, model.session_with(&engine, precision)?));
        }
        let inputs = load(&files)?;
        match &self.session {
            Some((_, _, session)) => execute(session, &inputs, &job.output_dir, RunOptions::default()),
            None => Err(Error::Internal("the session is missing".to_owned())),
        }
    }
}
