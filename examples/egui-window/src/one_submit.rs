//! The short way: the picture's texture, the model and the result's texture in one command encoder. Nothing is copied
//! through the host, and nobody waits: egui draws the texture with a later submit on the same queue.

use ocelli::graph::TensorType;
use ocelli::tasks::Task;
use ocelli::vision::Image;
use ocelli::vision::package::{ColorOrder, InputSpec, Layout, OutputSpec};
use ocelli::{ColorMap, DType, Engine, Error, RuntimeError, TextureReader, TextureWriter, wgpu};

use crate::worker;

/// Most floating-point operations of one submit. The window's frames wait behind it, so that longer work is better
/// sliced, as [`Task::restore`] does.
const MOST_FLOPS: u64 = 20_000_000_000;

pub struct OneSubmit {
    reader: TextureReader,
    writer: TextureWriter,
    /// From the texture to the model.
    into: ColorMap,
    /// From the model to the texture.
    back: ColorMap,
}

impl OneSubmit {
    /// `None` where the package asks for more around the model than a change of range: luma nets, other layouts, fixed
    /// sizes, enlargement before the model.
    pub fn new(engine: &Engine, task: &Task) -> Result<Option<OneSubmit>, Error> {
        let (input, output) = (&task.package().input, &task.package().output);
        let nchw = input.layout == Layout::Nchw && output.layout.is_none_or(|l| l == Layout::Nchw);
        let plain = nchw && output.pre_upscale <= 1 && output.crop == 0 && input.fixed_size(None).is_none();
        if !(task.package().task.is_picture() && plain && matches!(input.color, ColorOrder::Rgb | ColorOrder::Bgr)) {
            return Ok(None);
        }
        let (into, back) = maps(input, output);
        let writer = TextureWriter::new(engine, wgpu::TextureFormat::Rgba8Unorm)?;
        Ok(Some(OneSubmit { reader: TextureReader::new(engine)?, writer, into, back }))
    }

    /// Submits the work for `image`, whose texture is `before`. `None`, with nothing done, where this picture needs the
    /// long way.
    pub fn run(
        &self,
        engine: &Engine,
        task: &Task,
        image: &Image,
        before: &wgpu::Texture,
    ) -> Result<Option<wgpu::Texture>, Error> {
        let (package, limits) = (task.package(), engine.device().limits());
        let (w, h, scale) = (before.width(), before.height(), package.output.scale as u32);
        let multiple = package.input.multiple_of.max(1) as u32;
        let whole = (w as usize, h as usize) == (image.width(), image.height())
            && w % multiple == 0
            && h % multiple == 0
            && w.max(h).saturating_mul(scale) <= limits.max_texture_dimension_2d;
        let (true, false, Some(session)) = (whole, image.channels().has_alpha(), task.sessions().first()) else {
            return Ok(None);
        };
        let types = [TensorType::new(DType::F32, vec![1, 3, h as usize, w as usize])];
        let report = session.report(&types)?;
        if report.flops > MOST_FLOPS || report.largest_buffer_bytes > limits.max_storage_buffer_binding_size {
            return Ok(None);
        }
        let program = match session.prepare(&types) {
            Ok(program) => program,
            // A part of the model runs on the host.
            Err(RuntimeError::NotEncodable(_)) => return Ok(None),
            Err(e) => return Err(e.into()),
        };
        let (Some((input, _)), Some((output, made))) = (program.inputs().next(), program.outputs().next()) else {
            return Ok(None);
        };
        let (Some(input), Some(output_buffer)) = (program.input_buffer(input), program.output_buffer(output)) else {
            return Ok(None);
        };
        let size = (w * scale, h * scale);
        if made.shape != [1, 3, size.1 as usize, size.0 as usize] {
            return Ok(None);
        }
        let after = worker::texture(engine, size, wgpu::TextureUsages::STORAGE_BINDING);
        let view = |t: &wgpu::Texture| t.create_view(&wgpu::TextureViewDescriptor::default());
        let mut encoder = engine.device().create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        self.reader.encode(&mut encoder, &view(before), input, (w, h), &self.into);
        program.encode(&mut encoder);
        self.writer.encode(&mut encoder, output_buffer, &view(&after), size, &self.back);
        engine.queue().submit([encoder.finish()]);
        Ok(Some(after))
    }
}

/// The package's ranges as factors and offsets, there and back.
fn maps(input: &InputSpec, output: &OutputSpec) -> (ColorMap, ColorMap) {
    let bgr = input.color == ColorOrder::Bgr;
    let pick = |list: &[f32], c: usize, default: f32| {
        let at = if list.len() == 1 { 0 } else { c };
        list.get(at).copied().unwrap_or(default)
    };
    let mut into = ColorMap { bgr, ..ColorMap::default() };
    let [low, high] = input.range;
    for (c, (scale, bias)) in into.scale.iter_mut().zip(&mut into.bias).enumerate() {
        let std = pick(&input.std, c, 1.0);
        *scale = (high - low) / std;
        *bias = (low - pick(&input.mean, c, 0.0)) / std;
    }
    let [low, high] = output.range;
    let back = ColorMap { bgr, scale: [1.0 / (high - low); 3], bias: [-low / (high - low); 3], ..ColorMap::default() };
    (into, back)
}
