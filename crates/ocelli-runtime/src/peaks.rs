//! What the adapter does at most, measured with kernels of our own.

use std::sync::Arc;
use std::time::Instant;

use ocelli_graph::plan::{Buffer, BufferId, BufferKind, KernelCall, Recording};
use ocelli_shaders::kernels::bench;
use ocelli_shaders::{Elem, Kernel, Params, Store, linear_grid};

use crate::{Engine, Prepared, RuntimeError, profile};

/// The roofs of a roofline: no kernel can do more, within the noise of the measurement.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Peaks {
    /// 32-bit floating-point operations per second, a multiply-add being two.
    pub flops_per_second: f64,
    /// Bytes read and written per second, over buffers too large for a cache: by kernels, or by copying buffers where
    /// that is faster, as on a software adapter.
    pub bytes_per_second: f64,
}

/// Largest buffer of the memory measurement; three of them exceed the caches of today's adapters.
const MOST_BYTES: u64 = 128 << 20;

/// A kernel must run this long to be timed well.
const LONG_ENOUGH_NS: f64 = 4e6;

/// Repeats of which the fastest counts.
const REPEATS: usize = 5;

impl Engine {
    /// Measures the peaks: about a second on a software adapter, a few milliseconds on a GPU.
    pub fn peaks(&self) -> Result<Peaks, RuntimeError> {
        let mut flops_per_second = 0.0f64;
        for fused in [true, false] {
            flops_per_second = flops_per_second.max(self.arithmetic(&Arc::new(bench::fma(fused)))?);
        }
        let bytes_per_second = self.triad()?.max(self.reading()?).max(self.copying()?);
        Ok(Peaks { flops_per_second, bytes_per_second })
    }

    /// FLOP/s of a multiply-add kernel, with as many rounds as it takes to run for long enough.
    fn arithmetic(&self, kernel: &Arc<Kernel>) -> Result<f64, RuntimeError> {
        // Enough to fill a large GPU several times over; a software adapter does them in a row.
        let invocations: usize = if self.target().software { 1 << 12 } else { 1 << 20 };
        let (mut rounds, mut best) = (64usize, 0.0f64);
        loop {
            let params = Params::new().u32(rounds).f32(0.999).f32(0.001);
            let flops = bench::FMA_FLOPS * (rounds * invocations) as u64;
            let ns = self.fastest(kernel, params, &[invocations], invocations)?;
            best = best.max(flops as f64 / ns * 1e9);
            if ns >= LONG_ENOUGH_NS || rounds >= 1 << 20 {
                return Ok(best);
            }
            rounds *= 4;
        }
    }

    fn memory_bytes(&self) -> u64 {
        let limits = self.device().limits();
        MOST_BYTES.min(limits.max_storage_buffer_binding_size).min(limits.max_buffer_size)
    }

    fn triad(&self) -> Result<f64, RuntimeError> {
        let vectors = (self.memory_bytes() / 16) as usize;
        let params = Params::new().u32(vectors).f32(0.5);
        let ns = self.fastest(&Arc::new(bench::triad()), params, &[vectors * 4; 3], vectors)?;
        Ok(3.0 * 16.0 * vectors as f64 / ns * 1e9)
    }

    fn reading(&self) -> Result<f64, RuntimeError> {
        let group = bench::WORKGROUP as usize;
        let vectors = (self.memory_bytes() / 16) as usize;
        let invocations = vectors / bench::READ_VECTORS / group * group;
        let vectors = invocations * bench::READ_VECTORS;
        let params = Params::new().u32(invocations);
        let ns = self.fastest(&Arc::new(bench::read()), params, &[vectors * 4, invocations], invocations)?;
        Ok((16 * vectors + 4 * invocations) as f64 / ns * 1e9)
    }

    /// Bytes per second of copies between buffers, by the host's clock.
    fn copying(&self) -> Result<f64, RuntimeError> {
        let size = self.memory_bytes() / 16 * 16;
        let usage = wgpu::BufferUsages::COPY_SRC | wgpu::BufferUsages::COPY_DST;
        let desc = wgpu::BufferDescriptor { label: Some("copies"), size, usage, mapped_at_creation: false };
        let [a, b] = self.scoped("buffers of the copies", || [0, 1].map(|_| self.device().create_buffer(&desc)))?;
        // Enough of them that the submit itself costs nothing beside them.
        let copies = 8;
        let mut best = f64::INFINITY;
        for i in 0..3 {
            let begun = Instant::now();
            self.scoped("copies", || {
                let mut encoder = self.device().create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
                for c in 0..copies {
                    let (from, to) = if c % 2 == 0 { (&a, &b) } else { (&b, &a) };
                    encoder.copy_buffer_to_buffer(from, 0, to, 0, size);
                }
                self.queue().submit([encoder.finish()]);
            })?;
            self.wait()?;
            if i > 0 {
                best = best.min(begun.elapsed().as_secs_f64());
            }
        }
        Ok((2 * size * copies) as f64 / best.max(1e-9))
    }

    /// Nanoseconds of the fastest of some runs of a kernel on buffers of these elements.
    fn fastest(
        &self,
        kernel: &Arc<Kernel>,
        params: Params,
        elems: &[usize],
        invocations: usize,
    ) -> Result<f64, RuntimeError> {
        let call = KernelCall {
            kernel: Arc::clone(kernel),
            params: params.into_bytes(),
            bindings: (0..elems.len() as u32).map(BufferId).collect(),
            workgroups: linear_grid(invocations, bench::WORKGROUP),
            origin: kernel.name.clone(),
            flops: 0,
            bytes: 0,
        };
        let buffer = |&elems: &usize| Buffer { kind: BufferKind::Output, elem: Elem::F32, store: Store::Full, elems };
        let buffers = elems.iter().map(buffer).collect();
        let recording = Recording { buffers, calls: vec![call], ..Recording::default() };
        let instance = Arc::new(Prepared::new(self, recording)?).instance()?;
        let mut best = f64::INFINITY;
        // The first run compiles and touches the memory.
        for i in 0..=REPEATS {
            let profile = profile::run(self, &instance)?;
            let ns = profile.calls.iter().map(|c| c.time_ns).sum::<f64>();
            if i > 0 && ns > 0.0 {
                best = best.min(ns);
            }
        }
        if best.is_finite() {
            return Ok(best);
        }
        Err(RuntimeError::Device(format!("the clock of the adapter does not advance during {}", kernel.name)))
    }
}
