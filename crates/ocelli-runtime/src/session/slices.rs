//! Submitting calls in slices that stay far from a driver's time-out.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Instant;

use ocelli_graph::plan::KernelCall;

use super::RunOptions;
use crate::executable::Instance;
use crate::{Engine, RuntimeError};

/// Target duration of one submit.
const SLICE_SECONDS: f64 = 0.1;
/// How much faster than the last slice the next one may be thought.
const GROWTH: f64 = 4.0;
/// Work of a first slice: a tenth of a second at 1 GFLOP/s on a software adapter, and at 20 on a GPU.
const FIRST: [u64; 2] = [100_000_000, 2_000_000_000];
/// What moving a byte costs, in floating-point operations.
const BYTE_WORK: u64 = 4;

/// Work of a call, in floating-point operations.
pub(crate) fn work(call: &KernelCall) -> u64 {
    call.flops.saturating_add(call.bytes.saturating_mul(BYTE_WORK))
}

/// How much work fits into [`SLICE_SECONDS`], as measured so far.
pub(crate) struct Pace {
    work: AtomicU64,
    measured: AtomicBool,
}

impl Pace {
    /// A guess that is safe on slow adapters.
    pub fn new(software: bool) -> Pace {
        Pace { work: AtomicU64::new(FIRST[usize::from(!software)]), measured: AtomicBool::new(false) }
    }

    fn work(&self) -> u64 {
        self.work.load(Ordering::Relaxed)
    }

    /// Work of `seconds`, once anything has been measured.
    pub fn in_seconds(&self, seconds: f64) -> Option<u64> {
        self.measured.load(Ordering::Relaxed).then(|| (self.work() as f64 * seconds / SLICE_SECONDS) as u64)
    }

    /// Takes note of how long some work took.
    pub fn took(&self, work: u64, seconds: f64) {
        let before = self.work() as f64;
        let fitting = work as f64 * SLICE_SECONDS / seconds.max(1e-4);
        // Small slices are mostly the cost of a submit: they only show that more would fit.
        let next = if (work as f64) < before * 0.5 { fitting.max(before) } else { (before + fitting) * 0.5 };
        self.work.store(next.clamp(1e7, before * GROWTH).min(1e14) as u64, Ordering::Relaxed);
        self.measured.store(true, Ordering::Relaxed);
    }
}

/// The last slice, which is still running.
pub(super) struct Running {
    begun: Instant,
    work: u64,
}

impl Running {
    /// Call when the device has been waited for.
    pub fn ended(self, engine: &Engine) {
        engine.inner.pace.took(self.work, self.begun.elapsed().as_secs_f64());
    }
}

/// Submits the calls in slices of about [`SLICE_SECONDS`], asking for progress and cancellation in between. The last one is
/// left running.
pub(super) fn submit(
    engine: &Engine,
    instance: &Instance,
    options: &mut RunOptions<'_>,
) -> Result<Option<Running>, RuntimeError> {
    let calls = &instance.recording().calls;
    let total = calls.iter().map(work).sum::<u64>().max(1) as f32;
    let pace = &engine.inner.pace;
    let (mut start, mut done) = (0, 0u64);
    let mut running = None;
    while start < calls.len() {
        let budget = pace.work();
        let (mut end, mut sum) = (start, 0u64);
        while end < calls.len() && (end == start || sum.saturating_add(work(&calls[end])) <= budget) {
            sum = sum.saturating_add(work(&calls[end]));
            end += 1;
        }
        let begun = Instant::now();
        engine.scoped("running", || {
            let mut encoder = engine.device().create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
            instance.encode_calls(&mut encoder, start..end);
            engine.queue().submit([encoder.finish()]);
        })?;
        let slice = Running { begun, work: sum };
        if end < calls.len() {
            engine.wait()?;
            slice.ended(engine);
        } else {
            running = Some(slice);
        }
        (start, done) = (end, done + sum);
        if let Some(progress) = options.progress.as_deref_mut() {
            if !progress(done as f32 / total) {
                engine.wait()?;
                return Err(RuntimeError::Cancelled);
            }
        }
    }
    Ok(running)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pace_is_learnt_upwards_slowly_and_downwards_at_once() {
        let pace = Pace::new(true);
        assert_eq!(pace.in_seconds(1.0), None);
        let first = pace.work();
        pace.took(first, 0.001);
        assert_eq!(pace.work(), 4 * first, "no more than fourfold");
        let fast = pace.work();
        pace.took(fast, 1.0);
        assert!(pace.work() < fast * 6 / 10, "{}", pace.work());
        // A tiny slice says little about speed.
        let before = pace.work();
        pace.took(before / 100, 0.01);
        assert_eq!(pace.work(), before);
        assert!(pace.in_seconds(0.5).unwrap_or(0) > before);
    }
}
