use std::sync::Arc;

use ocelli_graph::plan::Recording;
use ocelli_shaders::{Access, Kernel};
use rayon::prelude::*;

use crate::{Engine, RuntimeError};

/// A compiled kernel.
pub(crate) struct Pipeline {
    pub pipeline: wgpu::ComputePipeline,
    pub layout: wgpu::BindGroupLayout,
}

impl Engine {
    /// Pipelines of every kernel of the recording, those that are new compiled in parallel. In call order.
    pub(crate) fn pipelines(&self, recording: &Recording) -> Result<Vec<Arc<Pipeline>>, RuntimeError> {
        let mut wanted: Vec<&Kernel> = recording.calls.iter().map(|c| &*c.kernel).collect();
        wanted.sort_by(|a, b| a.name.cmp(&b.name));
        wanted.dedup_by(|a, b| a.name == b.name);
        let missing: Vec<&Kernel> = {
            let known = self.lock_pipelines();
            wanted.into_iter().filter(|k| !known.contains_key(&k.name)).collect()
        };
        let made: Vec<(String, Arc<Pipeline>)> = missing
            .par_iter()
            .map(|kernel| Ok((kernel.name.clone(), Arc::new(self.compile(kernel)?))))
            .collect::<Result<_, RuntimeError>>()?;
        let mut known = self.lock_pipelines();
        known.extend(made);
        recording
            .calls
            .iter()
            .map(|c| {
                known.get(&c.kernel.name).cloned().ok_or_else(|| RuntimeError::Validation {
                    what: c.kernel.name.clone(),
                    message: "the pipeline is missing".to_owned(),
                })
            })
            .collect()
    }

    fn lock_pipelines(&self) -> std::sync::MutexGuard<'_, std::collections::HashMap<String, Arc<Pipeline>>> {
        // A panic while the lock was held cannot leave the map half-changed.
        self.inner.pipelines.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    #[allow(unsafe_code, reason = "argued below")]
    fn module(&self, kernel: &Kernel) -> wgpu::ShaderModule {
        let checks = if self.inner.check_bounds || kernel.indexed_by_data {
            wgpu::ShaderRuntimeChecks::checked()
        } else {
            wgpu::ShaderRuntimeChecks::unchecked()
        };
        let desc = wgpu::ShaderModuleDescriptor {
            label: Some(kernel.name.as_str()),
            source: wgpu::ShaderSource::Wgsl(kernel.source.as_str().into()),
        };
        // SAFETY: the source is one of our kernels, never text from a model. Kernels whose indices come from tensor elements
        // keep the checks. All others guard their indices by the sizes in their parameters, which the plan derives from
        // views that `LowerCx::dispatch` has proved to lie inside their buffers, and every loop is bounded by those sizes.
        // The operator tests run each case with the checks as well and compare both with the reference.
        unsafe { self.inner.device.create_shader_module_trusted(desc, checks) }
    }

    fn compile(&self, kernel: &Kernel) -> Result<Pipeline, RuntimeError> {
        let device = &self.inner.device;
        let visibility = wgpu::ShaderStages::COMPUTE;
        let mut entries = vec![wgpu::BindGroupLayoutEntry {
            binding: 0,
            visibility,
            ty: wgpu::BindingType::Buffer {
                ty: wgpu::BufferBindingType::Uniform,
                has_dynamic_offset: false,
                min_binding_size: None,
            },
            count: None,
        }];
        entries.extend(kernel.bindings.iter().enumerate().map(|(i, b)| wgpu::BindGroupLayoutEntry {
            binding: i as u32 + 1,
            visibility,
            ty: wgpu::BindingType::Buffer {
                ty: wgpu::BufferBindingType::Storage { read_only: b.access == Access::Read },
                has_dynamic_offset: false,
                min_binding_size: None,
            },
            count: None,
        }));
        self.scoped(&kernel.name, || {
            let label = Some(kernel.name.as_str());
            let module = self.module(kernel);
            let layout = device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor { label, entries: &entries });
            let pipeline_layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
                label,
                bind_group_layouts: &[Some(&layout)],
                immediate_size: 0,
            });
            let pipeline = device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
                label,
                layout: Some(&pipeline_layout),
                module: &module,
                entry_point: Some("main"),
                compilation_options: wgpu::PipelineCompilationOptions {
                    // Kernels never read workgroup memory before they wrote it.
                    zero_initialize_workgroup_memory: false,
                    ..Default::default()
                },
                cache: self.inner.disk_cache.as_ref().map(|d| &d.cache),
            });
            Pipeline { pipeline, layout }
        })
    }
}
