//! What `ocelli check` says about tiles.

use std::path::Path;

use ocelli::graph::TensorType;
use ocelli::graph::analysis::{Extent, ReceptiveField};
use ocelli::tasks::{Task, Truncation, infer_package};
use ocelli::vision::{self, Package};
use ocelli::{Error, Model, tasks};
use serde_json::{Value, json};

use crate::args::Args;
use crate::context::engine;

/// What a pixel of the result depends on, for models that make a picture of a picture.
pub fn of(model: &Model, types: &[TensorType]) -> Option<ReceptiveField> {
    tasks::receptive_field(model.graph(), types).filter(|f| f.extents.is_some())
}

/// A halo, and what it costs; nothing where that is not measured.
pub type Truncated = (usize, Option<Truncation>);

/// Half a step of 8 bits.
const HALF_STEP: f32 = 0.5 / 255.0;

/// Measures what tiles with this halo differ from the whole picture. What lies beside the model says how it is fed, else what
/// can be guessed.
pub fn truncation(args: &Args, path: &Path, model: &Model, halo: usize) -> Result<Truncated, Error> {
    let engine = engine(args)?;
    let folder = path.parent().unwrap_or(Path::new("."));
    let described = [path.with_extension("toml"), folder.join("model.toml")].into_iter().find(|p| p.is_file());
    let package = match described {
        Some(toml) => Package::read(&toml, folder)?,
        None => infer_package(model, vision::Task::Denoise, &path.display().to_string())?.0,
    };
    if !package.task.is_picture() {
        return Err(Error::Usage(format!("--halo: `{}` does not answer with a picture", package.name)));
    }
    let task = Task::from_model(&engine, package, model)?;
    Ok((halo, task.truncation(&mut |_| true)?))
}

/// One line for people.
pub fn truncation_line((halo, measured): &Truncated) -> String {
    match measured {
        None => format!("halo {halo}: not measured, as tiles of this model have no halo that makes them equal"),
        Some(t) if *halo >= t.needed => format!("halo {halo}: tiles equal the whole picture"),
        Some(t) => format!(
            "halo {halo}: tiles differ from the whole picture by up to {:.3} of 255, measured on noise, blocks, checks and slopes; \
             {} pixels keep it below half a step of 8 bits",
            t.difference(*halo) * 255.0,
            t.least_halo(HALF_STEP)
        ),
    }
}

pub fn truncation_json((halo, measured): &Truncated) -> Value {
    json!({
        "halo": halo,
        "difference": measured.as_ref().map(|t| t.difference(*halo)),
        "halo_below_half_a_step_of_8_bits": measured.as_ref().map(|t| t.least_halo(HALF_STEP)),
    })
}

/// Lines for people.
pub fn lines(field: &ReceptiveField) -> Vec<String> {
    let mut out = Vec::new();
    if let Some([rows, columns]) = &field.extents {
        let size = |e: &Extent| e.before + e.after + 1;
        let scale = match rows.scale.den {
            1 => rows.scale.num.to_string(),
            den => format!("{}/{den}", rows.scale.num),
        };
        out.push(format!(
            "picture: {scale} times as large; a pixel depends on {} x {} of the input",
            size(columns),
            size(rows)
        ));
    }
    match field.halo() {
        Some(halo) => out.push(format!(
            "tiles: equal to the whole picture with a halo of {halo} and starts at multiples of {}",
            field.alignment(1)
        )),
        None => {
            for g in &field.global {
                out.push(format!("not tileable without difference: `{}` ({}): {}", g.node, g.op, g.reason));
            }
            if let Some(halo) = field.local_halo() {
                out.push(format!("tiles: what the other nodes see is covered by a halo of {halo}"));
            }
        }
    }
    out
}

pub fn json(field: &ReceptiveField) -> Value {
    let extent = |e: &Extent| json!({ "before": e.before, "after": e.after, "scale": [e.scale.num, e.scale.den] });
    let global = field.global.iter().map(|g| json!({ "node": g.node, "op": g.op, "reason": g.reason }));
    json!({
        "rows": field.extents.as_ref().map(|e| extent(&e[0])),
        "columns": field.extents.as_ref().map(|e| extent(&e[1])),
        "halo": field.halo(),
        "local_halo": field.local_halo(),
        "tile_alignment": field.alignment(1),
        "global": global.collect::<Vec<_>>(),
    })
}
