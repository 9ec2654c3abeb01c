//! Textures in and out of a [`Program`](crate::Program), on the device and in the caller's encoder.

use ocelli_shaders::kernels::texture as kernels;
use wgpu::util::DeviceExt as _;

use crate::{Engine, RuntimeError};

/// How texture values 0..1 become tensor values: `tensor = texture * scale + bias` per channel (and back by the
/// reader's inverse, which the caller gives to the writer).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ColorMap {
    /// Channels of the tensor: 1 or 3.
    pub channels: u32,
    /// Whether the tensor's planes are blue, green, red.
    pub bgr: bool,
    /// Factor per plane.
    pub scale: [f32; 3],
    /// Offset per plane.
    pub bias: [f32; 3],
}

impl Default for ColorMap {
    /// Three planes, red first, values as they are.
    fn default() -> ColorMap {
        ColorMap { channels: 3, bgr: false, scale: [1.0; 3], bias: [0.0; 3] }
    }
}

impl ColorMap {
    fn bytes(&self, width: u32, height: u32) -> Vec<u8> {
        let words = [width, height, self.channels, u32::from(self.bgr)];
        let mut bytes: Vec<u8> = words.iter().flat_map(|w| w.to_le_bytes()).collect();
        for v in [self.scale, self.bias] {
            bytes.extend(v.iter().chain(&[0.0]).flat_map(|x| x.to_le_bytes()));
        }
        bytes
    }
}

/// Writes the pixels of a texture into an input buffer `1xCxHxW`.
pub struct TextureReader {
    stage: Stage,
}

/// Writes an output buffer `1xCxHxW` into a storage texture.
pub struct TextureWriter {
    stage: Stage,
}

struct Stage {
    engine: Engine,
    layout: wgpu::BindGroupLayout,
    pipeline: wgpu::ComputePipeline,
}

impl TextureReader {
    /// Compiles the kernel. Textures need the usage `TEXTURE_BINDING` and a format that loads as float.
    pub fn new(engine: &Engine) -> Result<TextureReader, RuntimeError> {
        let texture = wgpu::BindingType::Texture {
            sample_type: wgpu::TextureSampleType::Float { filterable: false },
            view_dimension: wgpu::TextureViewDimension::D2,
            multisampled: false,
        };
        Ok(TextureReader {
            stage: Stage::new(engine, "texture.read", kernels::read_source(), [texture, storage(false)])?,
        })
    }

    /// Appends the conversion of `texture` (`width` x `height` pixels) into `buffer` to `encoder`.
    pub fn encode(
        &self,
        encoder: &mut wgpu::CommandEncoder,
        texture: &wgpu::TextureView,
        buffer: &wgpu::Buffer,
        size: (u32, u32),
        map: &ColorMap,
    ) {
        self.stage.encode(
            encoder,
            [wgpu::BindingResource::TextureView(texture), buffer.as_entire_binding()],
            size,
            map,
        );
    }
}

impl TextureWriter {
    /// Compiles the kernel for a storage format: `Rgba8Unorm`, `Rgba16Float` or `Rgba32Float`. Textures need the usage
    /// `STORAGE_BINDING`.
    pub fn new(engine: &Engine, format: wgpu::TextureFormat) -> Result<TextureWriter, RuntimeError> {
        let name = match format {
            wgpu::TextureFormat::Rgba8Unorm => "rgba8unorm",
            wgpu::TextureFormat::Rgba16Float => "rgba16float",
            wgpu::TextureFormat::Rgba32Float => "rgba32float",
            other => {
                return Err(RuntimeError::NotEncodable(format!(
                    "{other:?} is no storage format of the texture writer"
                )));
            }
        };
        let texture = wgpu::BindingType::StorageTexture {
            access: wgpu::StorageTextureAccess::WriteOnly,
            format,
            view_dimension: wgpu::TextureViewDimension::D2,
        };
        let source = kernels::write_source(name);
        Ok(TextureWriter { stage: Stage::new(engine, "texture.write", &source, [storage(true), texture])? })
    }

    /// Appends the conversion of `buffer` into `texture` (`width` x `height` pixels) to `encoder`.
    pub fn encode(
        &self,
        encoder: &mut wgpu::CommandEncoder,
        buffer: &wgpu::Buffer,
        texture: &wgpu::TextureView,
        size: (u32, u32),
        map: &ColorMap,
    ) {
        self.stage.encode(
            encoder,
            [buffer.as_entire_binding(), wgpu::BindingResource::TextureView(texture)],
            size,
            map,
        );
    }
}

fn storage(read_only: bool) -> wgpu::BindingType {
    wgpu::BindingType::Buffer {
        ty: wgpu::BufferBindingType::Storage { read_only },
        has_dynamic_offset: false,
        min_binding_size: None,
    }
}

impl Stage {
    fn new(
        engine: &Engine,
        label: &str,
        source: &str,
        bindings: [wgpu::BindingType; 2],
    ) -> Result<Stage, RuntimeError> {
        let uniform = wgpu::BindingType::Buffer {
            ty: wgpu::BufferBindingType::Uniform,
            has_dynamic_offset: false,
            min_binding_size: std::num::NonZeroU64::new(kernels::PARAMS_BYTES),
        };
        let entries: Vec<wgpu::BindGroupLayoutEntry> = std::iter::once(uniform)
            .chain(bindings)
            .zip(0..)
            .map(|(ty, binding)| wgpu::BindGroupLayoutEntry {
                binding,
                visibility: wgpu::ShaderStages::COMPUTE,
                ty,
                count: None,
            })
            .collect();
        let device = engine.device();
        let label = Some(label);
        let (layout, pipeline) = engine.scoped("texture conversion", || {
            let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
                label,
                source: wgpu::ShaderSource::Wgsl(source.into()),
            });
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
                compilation_options: wgpu::PipelineCompilationOptions::default(),
                cache: None,
            });
            (layout, pipeline)
        })?;
        Ok(Stage { engine: engine.clone(), layout, pipeline })
    }

    fn encode(
        &self,
        encoder: &mut wgpu::CommandEncoder,
        resources: [wgpu::BindingResource<'_>; 2],
        (width, height): (u32, u32),
        map: &ColorMap,
    ) {
        let device = self.engine.device();
        let params = device.create_buffer_init(&wgpu::util::BufferInitDescriptor {
            label: Some("texture conversion"),
            contents: &map.bytes(width, height),
            usage: wgpu::BufferUsages::UNIFORM,
        });
        let entries: Vec<wgpu::BindGroupEntry<'_>> = std::iter::once(params.as_entire_binding())
            .chain(resources)
            .zip(0..)
            .map(|(resource, binding)| wgpu::BindGroupEntry { binding, resource })
            .collect();
        let group = device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: None,
            layout: &self.layout,
            entries: &entries,
        });
        let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
        pass.set_pipeline(&self.pipeline);
        pass.set_bind_group(0, &group, &[]);
        pass.dispatch_workgroups(width.div_ceil(8), height.div_ceil(8), 1);
    }
}
