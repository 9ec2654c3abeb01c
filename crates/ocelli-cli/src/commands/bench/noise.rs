//! When a change of a measured time is more than the noise of the runs.
//!
//! A time is the median of its runs; its noise is the median absolute deviation (MAD) of the runs from it. Two times
//! differ when they are further apart than `3 * 1.4826 * sqrt(mad_old^2 + mad_new^2)` (three standard deviations, if the
//! noise were normal) and by more than a floor, a fraction of the old one: 3 %, which is what the clocks of a machine
//! drift between two processes, and more where the machine is known to have drifted. With fewer than [`FEWEST`] runs on either side nothing is said.

use serde_json::Value;

/// Runs that a comparison needs on each side.
pub const FEWEST: usize = 5;

/// Changes below this fraction of the old time are never flagged.
pub const FLOOR: f64 = 0.03;

/// Median and noise of some runs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    /// Median of the times, in milliseconds.
    pub median_ms: f64,
    /// Median absolute deviation from it, in milliseconds.
    pub mad_ms: f64,
    /// Number of runs.
    pub runs: usize,
}

/// A difference that exceeds the noise.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// What was timed.
    pub name: String,
    /// Before, in milliseconds.
    pub old_ms: f64,
    /// Now, in milliseconds.
    pub new_ms: f64,
    /// What the difference had to exceed, in milliseconds.
    pub noise_ms: f64,
}

impl Sample {
    /// The sample of these times in milliseconds; `None` without any.
    pub fn of(times_ms: &[f64]) -> Option<Sample> {
        let median_ms = median(times_ms)?;
        let deviations: Vec<f64> = times_ms.iter().map(|t| (t - median_ms).abs()).collect();
        Some(Sample { median_ms, mad_ms: median(&deviations)?, runs: times_ms.len() })
    }

    /// Reads `median_ms`, `mad_ms` and `runs` of an object.
    pub fn from_json(value: &Value) -> Option<Sample> {
        let number = |key: &str| value.get(key)?.as_f64();
        Some(Sample {
            median_ms: number("median_ms")?,
            mad_ms: number("mad_ms")?,
            runs: value.get("runs")?.as_u64()? as usize,
        })
    }

    /// The change from `old` to this, if it exceeds the noise and the fraction `floor` of `old`.
    pub fn change_from(&self, old: &Sample, name: &str, floor: f64) -> Option<Change> {
        if self.runs.min(old.runs) < FEWEST {
            return None;
        }
        let noise_ms = (3.0 * 1.4826 * self.mad_ms.hypot(old.mad_ms)).max(floor * old.median_ms);
        let differs = (self.median_ms - old.median_ms).abs() > noise_ms;
        differs.then(|| Change { name: name.to_owned(), old_ms: old.median_ms, new_ms: self.median_ms, noise_ms })
    }
}

impl std::fmt::Display for Change {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (word, factor) = if self.new_ms > self.old_ms {
            ("slower", self.new_ms / self.old_ms)
        } else {
            ("faster", self.old_ms / self.new_ms)
        };
        let Change { name, old_ms, new_ms, noise_ms } = self;
        write!(f, "{factor:.2}x {word}: {name}: {old_ms:.3} ms -> {new_ms:.3} ms (noise {noise_ms:.3} ms)")
    }
}

/// The median; `None` without values.
fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let upper = *sorted.get(sorted.len() / 2)?;
    let lower = *sorted.get((sorted.len() - 1) / 2)?;
    Some((lower + upper) / 2.0)
}

/// The changes, one a line, or that there is none.
pub fn listing(changes: &[Change], compared: usize) -> String {
    let mut text: String = changes.iter().map(|c| format!("{c}\n")).collect();
    text += &format!("{} of {compared} times changed by more than the noise of their runs\n", changes.len());
    text
}

/// The changes as JSON.
pub fn to_json(changes: &[Change]) -> Value {
    let one = |c: &Change| serde_json::json!({ "name": c.name, "old_ms": c.old_ms, "new_ms": c.new_ms, "noise_ms": c.noise_ms });
    changes.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(median_ms: f64, mad_ms: f64, runs: usize) -> Sample {
        Sample { median_ms, mad_ms, runs }
    }

    #[test]
    fn median_and_deviation_ignore_an_outlier() {
        let s = Sample::of(&[10.0, 11.0, 9.0, 10.5, 900.0]).unwrap();
        assert_eq!((s.median_ms, s.mad_ms, s.runs), (10.5, 0.5, 5));
        assert_eq!(Sample::of(&[1.0, 3.0]).unwrap().median_ms, 2.0);
        assert_eq!(Sample::of(&[]), None);
    }

    #[test]
    fn only_what_exceeds_the_noise_is_a_change() {
        // Noise: 3 * 1.4826 * sqrt(2) = 6.29.
        let old = sample(100.0, 1.0, 9);
        assert_eq!(sample(106.2, 1.0, 9).change_from(&old, "x", FLOOR), None);
        assert!(sample(106.4, 1.0, 9).change_from(&old, "x", FLOOR).is_some());
        assert!(sample(93.6, 1.0, 9).change_from(&old, "x", FLOOR).is_some());
        // Noisier runs hide the same difference.
        assert_eq!(sample(106.4, 2.0, 9).change_from(&old, "x", FLOOR), None);
        // Without any noise, 3 % is the floor.
        let still = sample(100.0, 0.0, 9);
        assert_eq!(sample(102.9, 0.0, 9).change_from(&still, "x", FLOOR), None);
        assert!(sample(103.1, 0.0, 9).change_from(&still, "x", FLOOR).is_some());
        assert_eq!(sample(103.1, 0.0, 9).change_from(&still, "x", 0.1), None);
        // Too few runs tell nothing.
        assert_eq!(sample(500.0, 0.0, 4).change_from(&still, "x", FLOOR), None);
    }

    #[test]
    fn says_what_happened() {
        let change = sample(50.0, 0.0, 9).change_from(&sample(100.0, 1.0, 9), "conv", FLOOR).unwrap();
        assert!(change.to_string().starts_with("2.00x faster: conv: 100.000 ms -> 50.000 ms"));
        assert!(
            listing(std::slice::from_ref(&change), 7)
                .ends_with("1 of 7 times changed by more than the noise of their runs\n")
        );
        assert_eq!(to_json(&[change])[0]["new_ms"], 50.0);
    }
}
