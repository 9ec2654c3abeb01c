use std::path::Path;

use super::check_field;

use crate::args::Args;

use ocelli::{Error, ImportError, Model, Report, concrete_types};

/// `ocelli check MODEL`: where each node runs, with which kernel, and what it takes; with `halo`, what tiles with it differ from
/// the whole picture.
pub fn run(
    args: &Args,
    path: &Path,
    shapes: &[String],
    halo: Option<usize>,
    json: bool,
    dump: bool,
) -> Result<u8, Error> {
    let model = match Model::open(path) {
        Err(Error::Import(ImportError::Unsupported(all))) if json => {
            let rows: Vec<serde_json::Value> = all
                .iter()
                .map(|u| serde_json::json!({ "domain": u.domain, "op": u.op, "detail": u.detail, "nodes": u.nodes }))
                .collect();
            println!("{}", serde_json::json!({ "supported": false, "unsupported": rows }));
            return Ok(3);
        }
        other => other.map_err(|e| e.about(path.display()))?,
    };
    let given = shapes.iter().map(|s| parse_shape(s)).collect::<Result<Vec<_>, _>>()?;
    let (types, assumed) = concrete_types(model.graph(), &given)?;
    // The kernels of the adapter that would run it; without one, those that run everywhere.
    let target = ocelli::Engine::open(&ocelli::EngineOptions::default()).map(|e| e.target()).unwrap_or_default();
    let report = ocelli::report(model.graph(), &types, &target).map_err(|e| Error::from(e).about(path.display()))?;
    let field = check_field::of(&model, &types);
    let truncation = match halo {
        Some(halo) => Some(check_field::truncation(args, path, &model, halo)?),
        None => None,
    };
    if json {
        let mut field = field.as_ref().map(check_field::json);
        if let (Some(field), Some(truncation)) = (&mut field, &truncation) {
            field["truncated"] = check_field::truncation_json(truncation);
        }
        print_json(&report, &assumed, field);
    } else {
        print_table(&report, &assumed);
        field.iter().flat_map(check_field::lines).for_each(|line| println!("{line}"));
        truncation.iter().for_each(|t| println!("{}", check_field::truncation_line(t)));
        if dump {
            print!("{}", report.dump);
        }
    }
    Ok(0)
}

pub(super) fn parse_shape(text: &str) -> Result<(String, Vec<usize>), Error> {
    let bad = || Error::Usage(format!("--shape {text}: expected NAME=1x3x720x1280"));
    let (name, dims) = text.rsplit_once('=').ok_or_else(bad)?;
    let dims = dims.split(['x', ',']).filter(|d| !d.is_empty());
    Ok((name.to_owned(), dims.map(|d| d.parse().map_err(|_| bad())).collect::<Result<_, _>>()?))
}

fn print_table(report: &Report, assumed: &[String]) {
    for line in assumed {
        println!("assumed {line}");
    }
    let width = report.nodes.iter().map(|n| n.node.len()).max().unwrap_or(4).clamp(4, 48);
    println!("{:width$}  {:18} {:7} {:>9} {:>9}  kernel", "node", "op", "runs", "MFLOP", "KiB");
    for n in &report.nodes {
        let name: String = n.node.chars().take(width).collect();
        println!(
            "{name:width$}  {:18} {:7} {:>9.2} {:>9.1}  {}",
            n.op,
            n.placement,
            n.flops as f64 / 1e6,
            n.bytes as f64 / 1024.0,
            n.detail
        );
    }
    let host = report.nodes.iter().filter(|n| n.placement == "host").count();
    println!(
        "\n{} nodes, {host} on the host, {} dispatches, {:.3} GFLOP, {:.1} MiB of device memory",
        report.nodes.len(),
        report.calls,
        report.flops as f64 / 1e9,
        report.memory_bytes as f64 / f64::from(1 << 20)
    );
    for (name, ty) in &report.outputs {
        println!("output {name}: {}", ty.as_ref().map_or("depends on data".to_owned(), ToString::to_string));
    }
}

fn print_json(report: &Report, assumed: &[String], field: Option<serde_json::Value>) {
    let nodes: Vec<serde_json::Value> = report
        .nodes
        .iter()
        .map(|n| {
            serde_json::json!({
                "node": n.node, "op": n.op, "placement": n.placement, "detail": n.detail, "flops": n.flops, "bytes": n.bytes,
            })
        })
        .collect();
    let outputs: Vec<serde_json::Value> = report
        .outputs
        .iter()
        .map(|(name, ty)| {
            serde_json::json!({
                "name": name,
                "dtype": ty.as_ref().map(|t| t.dtype.to_string()),
                "shape": ty.as_ref().map(|t| t.shape.clone()),
            })
        })
        .collect();
    println!(
        "{}",
        serde_json::json!({
            "supported": true, "assumed": assumed, "nodes": nodes, "dispatches": report.calls, "flops": report.flops,
            "memory_bytes": report.memory_bytes, "outputs": outputs, "receptive_field": field,
        })
    );
}
