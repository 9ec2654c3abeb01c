use std::path::{Path, PathBuf};
use std::time::Instant;

use ocelli::{Error, Model, Tensor, npy};

use crate::args::Args;
use crate::context::engine;

/// `ocelli bench model`: host array in, host array out; the first run apart.
pub fn model(
    args: &Args,
    path: &Path,
    inputs: &[PathBuf],
    expect: Option<&Path>,
    seconds: f64,
    json: bool,
) -> Result<u8, Error> {
    let read = |file: &Path| npy::read(file).map_err(|e| Error::from(e).about(file.display()));
    let tensors: Vec<Tensor> = inputs.iter().map(|f| read(f)).collect::<Result<_, _>>()?;
    let expected = expect.map(read).transpose()?;
    let begun = Instant::now();
    let model = Model::open(path).map_err(|e| e.about(path.display()))?;
    let session = model.session(&engine(args)?)?;
    let create_ms = ms(begun);
    let begun = Instant::now();
    let first = session.run(&tensors)?;
    let first_ms = ms(begun);
    let (mut times, total) = (Vec::new(), Instant::now());
    while times.is_empty() || total.elapsed().as_secs_f64() < seconds {
        let begun = Instant::now();
        session.run(&tensors)?;
        times.push(ms(begun));
    }
    times.sort_by(f64::total_cmp);
    let (median_ms, min_ms) = (times[times.len() / 2], times[0]);
    let (max_abs, ref_absmax) = match (&expected, first.first()) {
        (Some(want), Some(got)) => error(got, want)?,
        _ => (0.0, 0.0),
    };
    if json {
        println!(
            "{}",
            serde_json::json!({
                "create_ms": create_ms, "first_ms": first_ms, "median_ms": median_ms, "min_ms": min_ms, "runs": times.len(),
                "max_abs": max_abs, "ref_absmax": ref_absmax,
            })
        );
    } else {
        println!(
            "create {create_ms:.1} ms, first {first_ms:.1} ms, median {median_ms:.2} ms, min {min_ms:.2} ms over {} runs",
            times.len()
        );
        if expected.is_some() {
            println!("largest error {max_abs:.3e} of {ref_absmax:.3e}");
        }
    }
    Ok(0)
}

fn ms(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1e3
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
