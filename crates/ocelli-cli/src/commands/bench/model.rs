use std::time::Instant;

use ocelli::graph::TensorType;
use ocelli::{Error, Model, Session, Tensor, npy};
use serde_json::Value;

use super::nodes::{Nodes, rate};
use super::noise::{self, Change, FLOOR, Sample};
use super::platform::{Platform, read_json};
use crate::args::{Args, BenchModel};
use crate::context::{engine, write_text};
use crate::plot;

/// `ocelli bench model`: host array in, host array out; the first run apart.
pub fn model(args: &Args, options: &BenchModel) -> Result<u8, Error> {
    let read = |file: &std::path::PathBuf| npy::read(file).map_err(|e| Error::from(e).about(file.display()));
    let tensors: Vec<Tensor> = options.input.iter().map(read).collect::<Result<_, _>>()?;
    let expected = options.expect.as_ref().map(read).transpose()?;
    let old = options.compare.as_deref().map(read_json).transpose()?;
    let path = options.model.as_path();
    let begun = Instant::now();
    let model = Model::open(path).map_err(|e| e.about(path.display()))?;
    let session = model.session(&engine(args)?)?;
    let create_ms = ms(begun);
    let begun = Instant::now();
    let first = session.run(&tensors)?;
    let first_ms = ms(begun);
    let (mut times, total) = (Vec::new(), Instant::now());
    while times.is_empty() || total.elapsed().as_secs_f64() < options.seconds {
        let begun = Instant::now();
        session.run(&tensors)?;
        times.push(ms(begun));
    }
    let min_ms = times.iter().copied().fold(f64::INFINITY, f64::min);
    let whole = Sample::of(&times).ok_or_else(|| Error::Internal("no run was timed".to_owned()))?;
    let (max_abs, ref_absmax) = match (&expected, first.first()) {
        (Some(want), Some(got)) => error(got, want)?,
        _ => (0.0, 0.0),
    };
    let nodes = if options.nodes || options.plot.is_some() {
        Some(Nodes::measure(&session, &tensors, options.seconds)?)
    } else {
        None
    };
    let (flops, bytes) = work(&session, &tensors)?;
    let platform = Platform::of(session.engine());
    let mut object = serde_json::json!({
        "create_ms": create_ms, "first_ms": first_ms, "median_ms": whole.median_ms, "min_ms": min_ms,
        "runs": whole.runs, "max_abs": max_abs, "ref_absmax": ref_absmax, "mad_ms": whole.mad_ms,
        "flops": flops, "bytes": bytes, "gflops": rate(flops, whole.median_ms), "gbs": rate(bytes, whole.median_ms),
        "model": path.file_name().map(|n| n.to_string_lossy()),
    });
    platform.add_to(&mut object);
    if let Some(nodes) = &nodes {
        object["nodes"] = nodes.to_json();
    }
    let compared = old.as_ref().map(|old| changes(old, &object));
    if let (Some(file), Some(nodes)) = (&options.plot, &nodes) {
        let stem = path.file_stem().map_or_else(|| "model".into(), |n| n.to_string_lossy());
        write_text(file, &picture(&stem, &whole, flops, nodes, &platform))?;
    }
    if options.json {
        if let Some((changes, _)) = &compared {
            object["changes"] = noise::to_json(changes);
        }
        println!("{object}");
        return Ok(0);
    }
    println!(
        "create {create_ms:.1} ms, first {first_ms:.1} ms, median {:.2} ms ± {:.2}, min {min_ms:.2} ms over {} runs; \
         {:.1} GFLOP/s, {:.1} GB/s",
        whole.median_ms,
        whole.mad_ms,
        whole.runs,
        rate(flops, whole.median_ms),
        rate(bytes, whole.median_ms),
    );
    if expected.is_some() {
        println!("largest error {max_abs:.3e} of {ref_absmax:.3e}");
    }
    if let (true, Some(nodes)) = (options.nodes, &nodes) {
        print!("{}", nodes.table());
    }
    if let Some((changes, count)) = &compared {
        print!("{}", noise::listing(changes, *count));
    }
    Ok(0)
}

fn ms(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1e3
}

/// Floating-point operations of a run, and bytes that its kernels read and write at least.
fn work(session: &Session, inputs: &[Tensor]) -> Result<(u64, u64), Error> {
    let types: Vec<TensorType> = inputs.iter().map(|t| TensorType::new(t.dtype(), t.shape())).collect();
    let report = session.report(&types)?;
    Ok((report.flops, report.nodes.iter().map(|n| n.bytes).sum()))
}

/// What became faster or slower since `old`, and how many times were compared: the whole run, and each node that both
/// have at the same place with the same name.
fn changes(old: &Value, new: &Value) -> (Vec<Change>, usize) {
    let empty = Vec::new();
    let list = |v: &Value| v.get("nodes").and_then(Value::as_array).unwrap_or(&empty).clone();
    let mut pairs = vec![("whole run".to_owned(), old.clone(), new.clone())];
    let mut left = list(old);
    for node in list(new) {
        if let Some(at) = left.iter().position(|o| o.get("node") == node.get("node")) {
            let name = node.get("node").and_then(Value::as_str).unwrap_or_default().to_owned();
            pairs.push((format!("node `{name}`"), left.remove(at), node));
        }
    }
    let samples = pairs.iter().filter_map(|(n, o, w)| Some((n, Sample::from_json(o)?, Sample::from_json(w)?)));
    let samples: Vec<_> = samples.collect();
    (samples.iter().filter_map(|(name, old, new)| new.change_from(old, name, FLOOR)).collect(), samples.len())
}

/// The bars of the nodes.
fn picture(name: &str, whole: &Sample, flops: u64, nodes: &Nodes, platform: &Platform) -> String {
    let bars: Vec<plot::Bar> = nodes
        .nodes
        .iter()
        .map(|n| plot::Bar {
            label: n.node.clone(),
            category: n.kernels.last().map_or_else(String::new, |k| family(k)),
            ms: n.time.median_ms,
            note: if n.flops > 0 { format!("{:.1} GFLOP/s", n.gflops()) } else { format!("{:.1} GB/s", n.gbs()) },
        })
        .collect();
    let title = format!(
        "{name}: {:.1} ms from host array to host array, {:.1} GFLOP/s",
        whole.median_ms,
        rate(flops, whole.median_ms)
    );
    plot::bars(&title, &platform.line(), &bars)
}

/// The family of a kernel: the first two words of its name.
fn family(kernel: &str) -> String {
    let name = kernel.split('[').next().unwrap_or(kernel);
    name.split('.').take(2).collect::<Vec<_>>().join(".")
}

/// Largest absolute error, and the largest absolute value of the reference. NaN counts as infinite.
fn error(got: &Tensor, want: &Tensor) -> Result<(f64, f64), Error> {
    if got.shape() != want.shape() {
        return Err(Error::Usage(format!("--expect has shape {:?}, the output {:?}", want.shape(), got.shape())));
    }
    let worst = |a: f64, b: f64| if b.is_nan() { f64::INFINITY } else { a.max(b) };
    let error = got.to_f64s().iter().zip(want.to_f64s()).map(|(g, w)| (g - w).abs()).fold(0.0, worst);
    Ok((error, want.to_f64s().into_iter().map(f64::abs).fold(0.0, worst)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn compares_the_run_and_the_nodes_that_both_have() {
        let node = |name: &str, ms: f64| json!({ "node": name, "median_ms": ms, "mad_ms": 0.01, "runs": 9 });
        let file = |ms: f64, nodes: Vec<Value>| json!({ "median_ms": ms, "mad_ms": 0.1, "runs": 20, "nodes": nodes });
        let old = file(10.0, vec![node("a", 1.0), node("a", 2.0), node("b", 3.0), node("gone", 1.0)]);
        let new = file(10.1, vec![node("a", 1.0), node("a", 4.0), node("b", 3.01), node("new", 1.0)]);
        let (found, compared) = changes(&old, &new);
        assert_eq!(compared, 4);
        assert_eq!(found.iter().map(|c| (c.name.as_str(), c.new_ms)).collect::<Vec<_>>(), [("node `a`", 4.0)]);
        // The output of an older version has no deviations: nothing is compared with it.
        assert_eq!(changes(&json!({ "median_ms": 1.0, "runs": 9 }), &new).1, 0);
    }
}
