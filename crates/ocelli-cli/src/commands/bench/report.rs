//! `ocelli bench kernels` as a table, as JSON and as a picture.

use ocelli::{Error, Peaks};
use regex::Regex;
use serde_json::{Value, json};

use super::computations;
use super::kernels::{Outcome, Row, measure};
use super::nodes::rate;
use super::noise::{self, Change, FLOOR, Sample};
use super::platform::{Platform, read_json};
use super::reference::reference;
use crate::args::{Args, BenchKernels};
use crate::context::{engine, write_text};
use crate::plot;

/// `ocelli bench kernels`: exit code 1 when a variant computes something wrong.
pub fn kernels(args: &Args, options: &BenchKernels) -> Result<u8, Error> {
    let old = options.compare.as_deref().map(read_json).transpose()?;
    let filter = options.filter.as_deref().map(Regex::new).transpose();
    let filter = filter.map_err(|e| Error::Usage(format!("--filter: {e}")))?;
    let mut list = computations::all();
    list.retain(|c| filter.as_ref().is_none_or(|f| f.is_match(&c.name)));
    if list.is_empty() {
        let names: Vec<String> = computations::all().into_iter().map(|c| c.name).collect();
        return Err(Error::Usage(format!("--filter matches none of [{}]", names.join(", "))));
    }
    let engine = engine(args)?;
    let before = engine.peaks()?;
    let outcome = measure(&engine, &list, options.rounds, &reference)?;
    // The machine may have been busy while one of them was measured.
    let after = engine.peaks()?;
    let peaks = Peaks {
        flops_per_second: before.flops_per_second.max(after.flops_per_second),
        bytes_per_second: before.bytes_per_second.max(after.bytes_per_second),
    };
    engine.save_pipeline_cache();
    let platform = Platform::of(&engine);
    let mut object = to_json(&outcome, &peaks);
    platform.add_to(&mut object);
    let compared = old.as_ref().map(|old| changes(old, &outcome.rows, &peaks));
    if let Some(file) = &options.plot {
        write_text(file, &picture(&outcome, &peaks, &platform))?;
    }
    if options.json {
        if let Some((changes, _)) = &compared {
            object["changes"] = noise::to_json(changes);
        }
        println!("{object}");
    } else {
        println!("{}", platform.line());
        print!("{}", table(&outcome, &peaks));
        if let Some((changes, count)) = &compared {
            print!("{}", noise::listing(changes, *count));
        }
    }
    for row in outcome.rows.iter().filter(|r| r.wrong()) {
        let Row { computation, variant, error, .. } = row;
        eprintln!("ocelli: {variant} of `{computation}` is wrong: relative error {error:.2e}");
    }
    Ok(outcome.exit_code())
}

/// One line per variant.
pub fn table(outcome: &Outcome, peaks: &Peaks) -> String {
    let widest = |f: &dyn Fn(&Row) -> usize| outcome.rows.iter().map(f).max().unwrap_or(0).max(11);
    let (a, b) = (widest(&|r| r.computation.chars().count()), widest(&|r| r.variant.chars().count()) + 2);
    let clock = if outcome.wall_clock { "the host's clock (no timestamps here)" } else { "timestamps" };
    let mut text = format!(
        "peaks measured in this run: {:.0} GFLOP/s, {:.1} GB/s; times by {clock}; * is what a session takes by itself\n\
         {:<a$} {:<b$} {:>9} {:>7} {:>9} {:>7} {:>6}  error\n",
        peaks.flops_per_second * 1e-9,
        peaks.bytes_per_second * 1e-9,
        "computation",
        "variant",
        "ms",
        "±",
        "GFLOP/s",
        "GB/s",
        "roof",
    );
    let mut last = "";
    for r in &outcome.rows {
        let computation = if r.computation == last { "" } else { &r.computation };
        last = &r.computation;
        let variant = format!("{}{}", r.variant, if r.default { " *" } else { "" });
        let error = if r.wrong() { format!("WRONG {:.1e}", r.error) } else { format!("{:.1e}", r.error) };
        text += &format!(
            "{computation:<a$} {variant:<b$} {:>9.3} {:>7.3} {:>9.1} {:>7.1} {:>5.0}%  {error}\n",
            r.time.median_ms,
            r.time.mad_ms,
            rate(r.flops, r.time.median_ms),
            rate(r.bytes, r.time.median_ms),
            100.0 * r.roofline(peaks),
        );
    }
    text
}

fn to_json(outcome: &Outcome, peaks: &Peaks) -> Value {
    let one = |r: &Row| {
        json!({
            "computation": r.computation, "variant": r.variant, "default": r.default, "kernels": r.kernels,
            "median_ms": r.time.median_ms, "mad_ms": r.time.mad_ms, "runs": r.time.runs,
            "flops": r.flops, "bytes": r.bytes,
            "gflops": rate(r.flops, r.time.median_ms), "gbs": rate(r.bytes, r.time.median_ms),
            "roofline": r.roofline(peaks), "error": if r.error.is_finite() { r.error } else { f64::MAX },
            "wrong": r.wrong(),
        })
    };
    json!({
        "peak_gflops": peaks.flops_per_second * 1e-9, "peak_gbs": peaks.bytes_per_second * 1e-9,
        "clock": if outcome.wall_clock { "host" } else { "timestamps" },
        "results": outcome.rows.iter().map(one).collect::<Vec<_>>(),
    })
}

/// The fraction by which the peaks of this run differ from those of `old`, the larger of both.
fn drift(old: &Value, peaks: &Peaks) -> f64 {
    let pairs = [("peak_gflops", peaks.flops_per_second), ("peak_gbs", peaks.bytes_per_second)];
    let differs = |(key, now): (&str, f64)| {
        let before = old.get(key)?.as_f64()? * 1e9;
        Some((before.max(now) / before.min(now).max(1.0)) - 1.0)
    };
    pairs.into_iter().filter_map(differs).fold(0.0, f64::max)
}

/// What became faster or slower since `old`, and how many variants both have.
fn changes(old: &Value, rows: &[Row], peaks: &Peaks) -> (Vec<Change>, usize) {
    let empty = Vec::new();
    let results = old.get("results").and_then(Value::as_array).unwrap_or(&empty);
    let floor = FLOOR + drift(old, peaks);
    let mut found = Vec::new();
    let mut compared = 0;
    for row in rows {
        let same = |o: &&Value| o["computation"] == *row.computation && o["variant"] == *row.variant;
        if let Some(sample) = results.iter().find(same).and_then(Sample::from_json) {
            compared += 1;
            found.extend(row.time.change_from(&sample, &format!("{} {}", row.computation, row.variant), floor));
        }
    }
    (found, compared)
}

/// The roofline with a point per variant.
fn picture(outcome: &Outcome, peaks: &Peaks, platform: &Platform) -> String {
    let mut groups: Vec<plot::Group> = Vec::new();
    for row in &outcome.rows {
        if groups.last().is_none_or(|g| g.name != row.computation) {
            groups.push(plot::Group {
                name: row.computation.clone(),
                family: row.family.to_owned(),
                points: Vec::new(),
            });
        }
        let point = plot::Point {
            variant: row.variant.clone(),
            default: row.default,
            intensity: row.flops as f64 / row.bytes.max(1) as f64,
            gflops: rate(row.flops, row.time.median_ms),
            fraction: row.roofline(peaks),
            wrong: row.wrong(),
        };
        if let Some(group) = groups.last_mut() {
            group.points.push(point);
        }
    }
    plot::Roofline {
        title: "Kernel variants against the measured roofline".to_owned(),
        subtitle: platform.line(),
        peak_gflops: peaks.flops_per_second * 1e-9,
        peak_gbs: peaks.bytes_per_second * 1e-9,
        groups,
    }
    .draw()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(variant: &str, ms: f64) -> Row {
        Row {
            computation: "conv".to_owned(),
            family: "conv",
            variant: variant.to_owned(),
            default: false,
            kernels: Vec::new(),
            time: Sample { median_ms: ms, mad_ms: 0.01, runs: 9 },
            flops: 1_000_000_000,
            bytes: 1_000_000,
            error: 1e-6,
        }
    }

    #[test]
    fn json_compares_with_what_it_wrote() {
        let peaks = Peaks { flops_per_second: 2e11, bytes_per_second: 1e10 };
        let old = to_json(&Outcome { rows: vec![row("a", 10.0), row("b", 10.0)], wall_clock: false }, &peaks);
        assert_eq!(old["results"][0]["gflops"], 100.0);
        assert_eq!(old["results"][0]["roofline"], 0.5);
        let (found, compared) = changes(&old, &[row("a", 10.0), row("b", 5.0), row("c", 1.0)], &peaks);
        assert_eq!((found.len(), compared), (1, 2));
        assert!(found[0].to_string().starts_with("2.00x faster: conv b"));
        // A machine that was twice as fast hides it.
        let faster = Peaks { flops_per_second: 4e11, ..peaks };
        assert!((drift(&old, &faster) - 1.0).abs() < 1e-9);
        assert!(changes(&old, &[row("b", 5.0)], &faster).0.is_empty());
    }
}
