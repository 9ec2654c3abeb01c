use std::ops::Range;
use std::sync::Arc;

use ocelli_graph::ValueId;
use ocelli_graph::plan::{BufferId, BufferKind, Recording};
use ocelli_shaders::RangeReport;
use rayon::prelude::*;

use crate::pipeline::Pipeline;
use crate::ranges::RangeReports;
use crate::{Engine, RuntimeError};

/// A recording on a device: pipelines, constants and parameters, which all its [`Instance`]s share.
pub struct Prepared {
    engine: Engine,
    recording: Recording,
    pipelines: Vec<Arc<Pipeline>>,
    /// Per buffer of the recording; only constants are there.
    constants: Vec<Option<wgpu::Buffer>>,
    params: wgpu::Buffer,
    /// Offset of each call's uniform in `params`.
    offsets: Vec<u64>,
    ranges: RangeReports,
}

/// The activations of one run in flight, with the bind groups over them.
pub struct Instance {
    prepared: Arc<Prepared>,
    buffers: Vec<wgpu::Buffer>,
    bind_groups: Vec<wgpu::BindGroup>,
    ranges: Option<wgpu::Buffer>,
}

const ACTIVATION: wgpu::BufferUsages =
    wgpu::BufferUsages::STORAGE.union(wgpu::BufferUsages::COPY_SRC).union(wgpu::BufferUsages::COPY_DST);

impl Prepared {
    /// Compiles the kernels and uploads the constants. Checks sizes against the device's limits and the memory limit
    /// before anything is allocated.
    pub fn new(engine: &Engine, recording: Recording) -> Result<Prepared, RuntimeError> {
        check_sizes(engine, &recording)?;
        let pipelines = engine.pipelines(&recording)?;
        let packed: Vec<Option<Vec<u8>>> = recording
            .buffers
            .par_iter()
            .map(|b| match &b.kind {
                BufferKind::Constant(packed) => Some((packed.make)()),
                _ => None,
            })
            .collect();
        let device = engine.device();
        let align = u64::from(device.limits().min_uniform_buffer_offset_alignment).max(16);
        let mut bytes: Vec<u8> = Vec::new();
        let mut offsets = Vec::with_capacity(recording.calls.len());
        for call in &recording.calls {
            bytes.resize(bytes.len().next_multiple_of(align as usize), 0);
            offsets.push(bytes.len() as u64);
            bytes.extend_from_slice(&call.params);
        }
        // Written in place where they can be mapped.
        let mapped =
            if engine.maps_primary_buffers() { wgpu::BufferUsages::MAP_WRITE } else { wgpu::BufferUsages::empty() };
        let usage = ACTIVATION | mapped;
        let (constants, params) = engine.scoped("weights", || {
            let constants = recording
                .buffers
                .iter()
                .zip(packed)
                .map(|(b, data)| data.map(|data| filled(device, &data, b.bytes(), usage)))
                .collect();
            (constants, filled(device, &bytes, bytes.len().max(16) as u64, wgpu::BufferUsages::UNIFORM))
        })?;
        let ranges = RangeReports::new(&recording, device.limits().min_storage_buffer_offset_alignment);
        Ok(Prepared { engine: engine.clone(), recording, pipelines, constants, params, offsets, ranges })
    }

    /// The recording.
    pub fn recording(&self) -> &Recording {
        &self.recording
    }

    /// Allocates activations of its own, for work that a caller encodes.
    pub fn instance(self: &Arc<Prepared>) -> Result<Instance, RuntimeError> {
        self.allocate(wgpu::BufferUsages::empty(), wgpu::BufferUsages::empty())
    }

    /// [`Prepared::instance`] for host tensors: where device memory is host memory, inputs and outputs can be mapped, which
    /// saves a copy and fresh pages each.
    pub(crate) fn host_instance(self: &Arc<Prepared>) -> Result<Instance, RuntimeError> {
        if self.engine.maps_primary_buffers() {
            self.allocate(wgpu::BufferUsages::MAP_WRITE, wgpu::BufferUsages::MAP_READ)
        } else {
            self.instance()
        }
    }

    fn allocate(
        self: &Arc<Prepared>,
        inputs: wgpu::BufferUsages,
        outputs: wgpu::BufferUsages,
    ) -> Result<Instance, RuntimeError> {
        let device = self.engine.device();
        let recording = &self.recording;
        let what = format!("activations of {:.1} MiB", recording.memory_bytes() as f64 / f64::from(1 << 20));
        let make_for = |size: u64, label: &str, more: wgpu::BufferUsages| {
            let (label, usage) = (Some(label), ACTIVATION | more);
            device.create_buffer(&wgpu::BufferDescriptor { label, size, usage, mapped_at_creation: false })
        };
        let make = |size: u64, label: &str| make_for(size, label, wgpu::BufferUsages::empty());
        let (buffers, ranges): (Vec<wgpu::Buffer>, _) = self.engine.scoped(&what, || {
            let slots: Vec<wgpu::Buffer> = recording.slots.iter().map(|&bytes| make(bytes, "slot")).collect();
            let buffers = recording
                .buffers
                .iter()
                .zip(&self.constants)
                .map(|(b, constant)| match (&b.kind, constant) {
                    (BufferKind::Scratch(slot), _) => slots[*slot].clone(),
                    (BufferKind::Constant(_), Some(buffer)) => buffer.clone(),
                    (BufferKind::Output, _) => make_for(b.bytes(), "output", outputs),
                    _ => make_for(b.bytes(), "input", inputs),
                })
                .collect();
            (buffers, self.ranges.bytes().map(|bytes| make(bytes, "range reports")))
        })?;
        let bind_groups = self.engine.scoped("bind groups", || {
            recording.calls.iter().enumerate().map(|(i, _)| self.bind_group(i, &buffers, ranges.as_ref())).collect()
        })?;
        Ok(Instance { prepared: Arc::clone(self), buffers, bind_groups, ranges })
    }

    fn bind_group(&self, call: usize, buffers: &[wgpu::Buffer], ranges: Option<&wgpu::Buffer>) -> wgpu::BindGroup {
        let c = &self.recording.calls[call];
        let mut entries = vec![wgpu::BindGroupEntry {
            binding: 0,
            resource: wgpu::BindingResource::Buffer(wgpu::BufferBinding {
                buffer: &self.params,
                offset: self.offsets[call],
                size: std::num::NonZeroU64::new(c.params.len() as u64),
            }),
        }];
        entries.extend(c.bindings.iter().enumerate().map(|(i, b)| wgpu::BindGroupEntry {
            binding: i as u32 + 1,
            resource: buffers[b.0 as usize].as_entire_binding(),
        }));
        if let (Some(buffer), Some(offset)) = (ranges, self.ranges.offset(call)) {
            entries.push(wgpu::BindGroupEntry {
                binding: entries.len() as u32,
                resource: wgpu::BindingResource::Buffer(wgpu::BufferBinding {
                    buffer,
                    offset,
                    size: std::num::NonZeroU64::new(RangeReport::BYTES),
                }),
            });
        }
        let desc = wgpu::BindGroupDescriptor { label: None, layout: &self.pipelines[call].layout, entries: &entries };
        self.engine.device().create_bind_group(&desc)
    }
}

impl Instance {
    /// What it runs.
    pub fn recording(&self) -> &Recording {
        &self.prepared.recording
    }

    /// Where the calls report what 16 bits do not hold, and how to read it.
    pub(crate) fn ranges(&self) -> Option<(&wgpu::Buffer, &RangeReports)> {
        Some((self.ranges.as_ref()?, &self.prepared.ranges))
    }

    /// The device buffer of `id`.
    pub fn buffer(&self, id: BufferId) -> &wgpu::Buffer {
        &self.buffers[id.0 as usize]
    }

    /// The device buffer of an input value.
    pub fn input(&self, value: ValueId) -> Option<&wgpu::Buffer> {
        self.recording().inputs.iter().find(|(v, _)| *v == value).map(|(_, b)| self.buffer(*b))
    }

    /// The device buffer of an output value.
    pub fn output(&self, value: ValueId) -> Option<&wgpu::Buffer> {
        self.recording().outputs.iter().find(|(v, _)| *v == value).map(|(_, b)| self.buffer(*b))
    }

    /// Appends all calls to `encoder` in one pass.
    pub fn encode(&self, encoder: &mut wgpu::CommandEncoder) {
        self.encode_calls(encoder, 0..self.bind_groups.len());
    }

    /// Appends some of the calls.
    pub(crate) fn encode_calls(&self, encoder: &mut wgpu::CommandEncoder, calls: Range<usize>) {
        if calls.is_empty() {
            return;
        }
        if calls.start == 0 {
            self.clear_ranges(encoder);
        }
        let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
        for i in calls {
            self.dispatch(&mut pass, i);
        }
    }

    /// Empties the range reports, before the first call of a run.
    pub(crate) fn clear_ranges(&self, encoder: &mut wgpu::CommandEncoder) {
        if let Some(ranges) = &self.ranges {
            encoder.clear_buffer(ranges, 0, None);
        }
    }

    pub(crate) fn dispatch(&self, pass: &mut wgpu::ComputePass<'_>, i: usize) {
        let [x, y, z] = self.recording().calls[i].workgroups;
        pass.set_pipeline(&self.prepared.pipelines[i].pipeline);
        pass.set_bind_group(0, &self.bind_groups[i], &[]);
        pass.dispatch_workgroups(x, y, z);
    }
}

fn filled(device: &wgpu::Device, data: &[u8], size: u64, usage: wgpu::BufferUsages) -> wgpu::Buffer {
    let size = size.next_multiple_of(16);
    let buffer = device.create_buffer(&wgpu::BufferDescriptor { label: None, size, usage, mapped_at_creation: true });
    if let Ok(mut mapped) = buffer.get_mapped_range_mut(..) {
        let n = data.len().min(size as usize);
        mapped.slice(..n).copy_from_slice(&data[..n]);
    }
    buffer.unmap();
    buffer
}

fn check_sizes(engine: &Engine, recording: &Recording) -> Result<(), RuntimeError> {
    let limits = engine.device().limits();
    let most = limits.max_storage_buffer_binding_size.min(limits.max_buffer_size);
    for call in &recording.calls {
        for b in &call.bindings {
            let bytes = recording.buffers[b.0 as usize].bytes();
            if bytes > most {
                return Err(RuntimeError::OutOfMemory(format!(
                    "node `{}` needs a buffer of {} MiB, the device allows {} MiB; use smaller inputs or tiles",
                    call.origin,
                    bytes >> 20,
                    most >> 20
                )));
            }
        }
    }
    if let Some(limit) = engine.inner.memory_limit_bytes {
        let bytes = recording.memory_bytes();
        if bytes > limit {
            return Err(RuntimeError::OutOfMemory(format!(
                "the plan needs {} MiB, the limit is {} MiB",
                bytes >> 20,
                limit >> 20
            )));
        }
    }
    Ok(())
}
