use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use ocelli::{Error, Model, Profile, RunOptions, Session, Tensor, npy};

use crate::args::{Args, RunArgs};
use crate::context::{engine, io_error, write_text};

/// `ocelli run MODEL`
pub fn run(args: &Args, run: &RunArgs) -> Result<u8, Error> {
    let (Some(model), Some(output_dir)) = (&run.model, &run.output_dir) else {
        return Err(Error::Usage("MODEL and --output-dir are needed".to_owned()));
    };
    let model = Model::open(model).map_err(|e| e.about(model.display()))?;
    let names: Vec<&str> = model.graph().inputs.iter().map(|i| model.graph().value(i.value).name.as_str()).collect();
    let files = run.input.iter().map(|text| split_input(text, &names)).collect::<Result<Vec<_>, _>>()?;
    let inputs = load(&files)?;
    let session = model.session(&engine(args)?)?;
    let mut profile = Profile::default();
    let options = RunOptions { profile: run.profile.is_some().then_some(&mut profile), ..RunOptions::default() };
    execute(&session, &inputs, output_dir, options)?;
    session.engine().save_pipeline_cache();
    if let Some(path) = &run.profile {
        write_text(path, &profile_json(&profile))?;
    }
    Ok(0)
}

/// `NAME=FILE`, or `FILE` alone for a model with one input.
fn split_input(text: &str, names: &[&str]) -> Result<(String, PathBuf), Error> {
    // Input names may hold `=`; the longest one that fits wins.
    let named =
        names.iter().filter_map(|n| Some((*n, text.strip_prefix(*n)?.strip_prefix('=')?))).max_by_key(|(n, _)| n.len());
    match (named, names, text.split_once('=')) {
        (Some((name, file)), _, _) => Ok((name.to_owned(), file.into())),
        (None, [only], None) => Ok(((*only).to_owned(), text.into())),
        (None, _, Some((name, file))) => Ok((name.to_owned(), file.into())),
        (None, _, None) => {
            Err(Error::Usage(format!("--input {text}: expected NAME=FILE with NAME one of [{}]", names.join(", "))))
        }
    }
}

/// Reads the tensors.
pub fn load(files: &[(String, PathBuf)]) -> Result<Vec<(String, Tensor)>, Error> {
    files
        .iter()
        .map(|(name, file)| {
            let tensor = npy::read(file).map_err(|e| Error::from(e).about(file.display()))?;
            Ok((name.clone(), tensor))
        })
        .collect()
}

/// Runs and writes `DIR/<output name>.npy` for every output.
pub fn execute(
    session: &Session,
    inputs: &[(String, Tensor)],
    output_dir: &Path,
    mut options: RunOptions<'_>,
) -> Result<(), Error> {
    let graph = session.graph();
    let named: Vec<(&str, Tensor)> = inputs
        .iter()
        .map(|(name, tensor)| {
            // .npy has no bf16: it travels as u16.
            let declared = graph.inputs.iter().find(|i| graph.value(i.value).name == *name).map(|i| i.dtype);
            let tensor = match declared {
                Some(ocelli::DType::BF16) if tensor.dtype() == ocelli::DType::U16 => {
                    Tensor::new(ocelli::DType::BF16, tensor.shape(), tensor.data().clone())?
                }
                _ => tensor.clone(),
            };
            Ok((name.as_str(), tensor))
        })
        .collect::<Result<_, Error>>()?;
    let ordered = session.order_inputs(&named)?;
    let outputs = session.run_with(&ordered, &mut options)?;
    std::fs::create_dir_all(output_dir).map_err(|e| io_error(output_dir, e))?;
    let mut taken = BTreeSet::new();
    for (name, tensor) in session.output_names().into_iter().zip(outputs) {
        let mut stem = file_stem(name);
        while !taken.insert(stem.clone()) {
            stem.push('_');
        }
        let path = output_dir.join(format!("{stem}.npy"));
        npy::write(&path, &tensor).map_err(|e| Error::from(e).about(path.display()))?;
    }
    Ok(())
}

/// The output's name with every character outside `[A-Za-z0-9_.-]` replaced by `_`.
fn file_stem(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() || "_.-".contains(c) { c } else { '_' }).collect()
}

fn profile_json(profile: &Profile) -> String {
    let calls: Vec<serde_json::Value> = profile
        .calls
        .iter()
        .map(|c| serde_json::json!({ "node": c.node, "kernel": c.kernel, "time_ns": c.time_ns, "flops": c.flops, "bytes": c.bytes }))
        .collect();
    serde_json::json!({ "calls": calls }).to_string()
}
