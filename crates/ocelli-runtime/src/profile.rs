//! Times of each kernel call: by timestamp queries, by the clock of the host where the adapter has none.

use std::ops::Range;
use std::time::Instant;

use crate::{Engine, Instance, RuntimeError};

/// Time of one kernel call.
#[derive(Clone, Debug)]
pub struct CallTime {
    /// ONNX name of the node.
    pub node: String,
    /// Kernel variant.
    pub kernel: String,
    /// Duration on the device.
    pub time_ns: f64,
    /// Floating-point operations.
    pub flops: u64,
    /// Bytes read and written at least.
    pub bytes: u64,
}

/// Times of one run.
#[derive(Clone, Debug, Default)]
pub struct Profile {
    /// In the order of execution.
    pub calls: Vec<CallTime>,
    /// Whether the adapter has no timestamp queries: the times then hold the cost of a submit as well.
    pub wall_clock: bool,
}

/// Most queries of one set, by the WebGPU specification.
const MAX_QUERIES: usize = 4096;

/// Runs every call in a pass of its own and measures it. The inputs must be uploaded.
pub(crate) fn run(engine: &Engine, instance: &Instance) -> Result<Profile, RuntimeError> {
    let calls = &instance.recording().calls;
    let wall_clock = !engine.device().features().contains(wgpu::Features::TIMESTAMP_QUERY);
    let mut profile = Profile { wall_clock, ..Profile::default() };
    for start in (0..calls.len()).step_by(MAX_QUERIES / 2) {
        let end = (start + MAX_QUERIES / 2).min(calls.len());
        let measure = if wall_clock { by_clock } else { by_timestamps };
        let times = engine.scoped("profiling", || measure(engine, instance, start..end))??;
        profile.calls.extend(calls[start..end].iter().zip(times).map(|(call, time_ns)| CallTime {
            node: call.origin.clone(),
            kernel: call.kernel.name.clone(),
            time_ns,
            flops: call.flops,
            bytes: call.bytes,
        }));
    }
    Ok(profile)
}

/// Nanoseconds of each call, submitted and waited for by itself.
fn by_clock(engine: &Engine, instance: &Instance, calls: Range<usize>) -> Result<Vec<f64>, RuntimeError> {
    engine.wait()?;
    calls
        .map(|call| {
            let begun = Instant::now();
            let mut encoder = engine.device().create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
            instance.encode_calls(&mut encoder, call..call + 1);
            engine.queue().submit([encoder.finish()]);
            engine.wait()?;
            Ok(begun.elapsed().as_secs_f64() * 1e9)
        })
        .collect()
}

/// Nanoseconds of each call, in a pass of its own between two timestamps.
fn by_timestamps(engine: &Engine, instance: &Instance, calls: Range<usize>) -> Result<Vec<f64>, RuntimeError> {
    let device = engine.device();
    let count = calls.len() as u32 * 2;
    let set = device.create_query_set(&wgpu::QuerySetDescriptor { label: None, ty: wgpu::QueryType::Timestamp, count });
    let size = u64::from(count) * 8;
    let make =
        |usage| device.create_buffer(&wgpu::BufferDescriptor { label: None, size, usage, mapped_at_creation: false });
    let resolved = make(wgpu::BufferUsages::QUERY_RESOLVE | wgpu::BufferUsages::COPY_SRC);
    let staging = make(wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::MAP_READ);
    let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
    if calls.start == 0 {
        instance.clear_ranges(&mut encoder);
    }
    for (i, call) in calls.enumerate() {
        let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor {
            label: None,
            timestamp_writes: Some(wgpu::ComputePassTimestampWrites {
                query_set: &set,
                beginning_of_pass_write_index: Some(i as u32 * 2),
                end_of_pass_write_index: Some(i as u32 * 2 + 1),
            }),
        });
        instance.dispatch(&mut pass, call);
    }
    encoder.resolve_query_set(&set, 0..count, &resolved, 0);
    encoder.copy_buffer_to_buffer(&resolved, 0, &staging, 0, size);
    engine.queue().submit([encoder.finish()]);
    staging.map_async(wgpu::MapMode::Read, .., |_| {});
    engine.wait()?;
    let mapped = staging.get_mapped_range(..).map_err(|e| RuntimeError::Lost(e.to_string()))?;
    let ticks: Vec<u64> = bytemuck::allocation::pod_collect_to_vec(&mapped[..]);
    let period = f64::from(engine.queue().get_timestamp_period());
    Ok(ticks.chunks_exact(2).map(|t| t[1].saturating_sub(t[0]) as f64 * period).collect())
}
