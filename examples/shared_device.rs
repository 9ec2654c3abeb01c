//! Two sessions on the application's own device, recorded into the application's own encoder: a texture goes in, is
//! enlarged twice, and comes out as a texture, with one submit and nothing copied through the host. The result is
//! compared with the plain path (host tensors, one run after the other).

use ocelli::wgpu;
use ocelli::{
    ColorMap, DType, Engine, Error, Model, RuntimeError, Session, Tensor, TextureReader, TextureWriter,
    graph::TensorType,
};

const MODEL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../assets/models/ocelli-sr-x2/model.onnx");
const SIZE: (u32, u32) = (37, 22);

fn main() -> Result<(), Error> {
    let worst = run()?;
    println!("largest difference from the plain path: {worst} of 255");
    Ok(())
}

/// Returns the largest difference of a pixel from the plain path, in steps of 1/255.
fn run() -> Result<u8, Error> {
    // The application's device; it may have any features and limits.
    let instance = wgpu::Instance::new(wgpu::InstanceDescriptor::new_without_display_handle());
    let adapter = pollster::block_on(instance.request_adapter(&wgpu::RequestAdapterOptions::default()))
        .map_err(|e| RuntimeError::NoAdapter(e.to_string()))?;
    let (device, queue) = pollster::block_on(adapter.request_device(&wgpu::DeviceDescriptor::default()))
        .map_err(|e| RuntimeError::Device(e.to_string()))?;

    let engine = Engine::from_device(device.clone(), queue.clone());
    let model = Model::open(MODEL)?;
    let (first, second) = (model.session(&engine)?, model.session(&engine)?);
    let (w, h) = SIZE;
    let ty = |scale: u32| TensorType::new(DType::F32, vec![1, 1, (h * scale) as usize, (w * scale) as usize]);
    let (a, b) = (first.prepare(&[ty(1)])?, second.prepare(&[ty(2)])?);
    let reader = TextureReader::new(&engine)?;
    let writer = TextureWriter::new(&engine, wgpu::TextureFormat::Rgba8Unorm)?;
    let grey = ColorMap { channels: 1, ..ColorMap::default() };

    // The application's textures.
    let pixels: Vec<u8> =
        (0..w * h).flat_map(|i| [(i * 7 % 256) as u8, (i / w * 11 % 256) as u8, (i * i % 251) as u8, 255]).collect();
    let source = texture(&device, SIZE, wgpu::TextureUsages::TEXTURE_BINDING | wgpu::TextureUsages::COPY_DST);
    let target = texture(&device, (w * 4, h * 4), wgpu::TextureUsages::STORAGE_BINDING | wgpu::TextureUsages::COPY_SRC);
    let layout = wgpu::TexelCopyBufferLayout { offset: 0, bytes_per_row: Some(w * 4), rows_per_image: None };
    queue.write_texture(source.as_image_copy(), &pixels, layout, source.size());

    // One encoder: texture, model, model, texture.
    let view = |t: &wgpu::Texture| t.create_view(&wgpu::TextureViewDescriptor::default());
    let buffer =
        |found: Option<&wgpu::Buffer>| found.cloned().ok_or_else(|| Error::Usage("a buffer is missing".to_owned()));
    let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
    reader.encode(&mut encoder, &view(&source), &buffer(a.input_buffer("input"))?, SIZE, &grey);
    a.encode(&mut encoder);
    let between = u64::from(w * h) * 4 * 4;
    encoder.copy_buffer_to_buffer(
        &buffer(a.output_buffer("output"))?,
        0,
        &buffer(b.input_buffer("input"))?,
        0,
        between,
    );
    b.encode(&mut encoder);
    writer.encode(&mut encoder, &buffer(b.output_buffer("output"))?, &view(&target), (w * 4, h * 4), &grey);
    let got = read_back(&device, &queue, encoder, &target)?;

    let want = plain(&[&first, &second], &pixels)?;
    let worst = got.chunks_exact(4).zip(&want).map(|(g, w)| g[0].abs_diff(*w)).max();
    worst.ok_or_else(|| Error::Usage("no pixels".to_owned()))
}

fn texture(device: &wgpu::Device, (width, height): (u32, u32), usage: wgpu::TextureUsages) -> wgpu::Texture {
    device.create_texture(&wgpu::TextureDescriptor {
        label: None,
        size: wgpu::Extent3d { width, height, depth_or_array_layers: 1 },
        mip_level_count: 1,
        sample_count: 1,
        dimension: wgpu::TextureDimension::D2,
        format: wgpu::TextureFormat::Rgba8Unorm,
        usage,
        view_formats: &[],
    })
}

/// Submits, and reads the rows of a texture without their padding.
fn read_back(
    device: &wgpu::Device,
    queue: &wgpu::Queue,
    mut encoder: wgpu::CommandEncoder,
    texture: &wgpu::Texture,
) -> Result<Vec<u8>, Error> {
    let size = texture.size();
    let row = (size.width * 4).next_multiple_of(wgpu::COPY_BYTES_PER_ROW_ALIGNMENT);
    let staging = device.create_buffer(&wgpu::BufferDescriptor {
        label: None,
        size: u64::from(row * size.height),
        usage: wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST,
        mapped_at_creation: false,
    });
    let layout = wgpu::TexelCopyBufferLayout { offset: 0, bytes_per_row: Some(row), rows_per_image: None };
    encoder.copy_texture_to_buffer(
        texture.as_image_copy(),
        wgpu::TexelCopyBufferInfo { buffer: &staging, layout },
        size,
    );
    queue.submit([encoder.finish()]);
    staging.map_async(wgpu::MapMode::Read, .., |_| {});
    let lost = |e: String| Error::from(RuntimeError::Lost(e));
    device.poll(wgpu::PollType::wait_indefinitely()).map_err(|e| lost(e.to_string()))?;
    let mapped = staging.get_mapped_range(..).map_err(|e| lost(e.to_string()))?;
    Ok(mapped.chunks_exact(row as usize).flat_map(|r| r[..size.width as usize * 4].to_vec()).collect())
}

/// The same work with host tensors, one run after the other.
fn plain(sessions: &[&Session], pixels: &[u8]) -> Result<Vec<u8>, Error> {
    let luma = |p: &[u8]| (0.299 * f32::from(p[0]) + 0.587 * f32::from(p[1]) + 0.114 * f32::from(p[2])) / 255.0;
    let values: Vec<f32> = pixels.chunks_exact(4).map(luma).collect();
    let mut tensor = Tensor::from_vec(&[1, 1, SIZE.1 as usize, SIZE.0 as usize], values)?;
    for session in sessions {
        tensor = session.run(&[tensor])?.into_iter().next().ok_or_else(|| Error::Usage("no output".to_owned()))?;
    }
    Ok(tensor.to_f32s().iter().map(|v| (v.clamp(0.0, 1.0) * 255.0).round() as u8).collect())
}

#[cfg(test)]
mod tests {
    #[test]
    fn textures_in_one_encoder_equal_the_plain_path() {
        // Rounding to eight bits may fall on either side of a half.
        assert!(super::run().unwrap() <= 1);
    }
}
