//! What `ocelli check` says about tiles.

use ocelli::graph::TensorType;
use ocelli::graph::analysis::{Extent, ReceptiveField};
use ocelli::{Model, tasks};
use serde_json::{Value, json};

/// What a pixel of the result depends on, for models that make a picture of a picture.
pub fn of(model: &Model, types: &[TensorType]) -> Option<ReceptiveField> {
    tasks::receptive_field(model.graph(), types).filter(|f| f.extents.is_some())
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
