//! Host tensors to device buffers and back. Device buffers hold one 4-byte word per element, but for results that are
//! samples of a picture.

use ocelli_graph::TensorType;
use ocelli_graph::plan::{device_words, storage};
use ocelli_shaders::{Elem, Store};
use ocelli_tensor::{DType, Data, Tensor};

use crate::{Engine, RuntimeError};

/// Writes tensors into buffers that no work uses: mapped where a buffer can be, queued else.
pub(crate) fn upload_all(engine: &Engine, inputs: &[(&wgpu::Buffer, &Tensor)]) -> Result<(), RuntimeError> {
    let (mappable, others): (Vec<_>, Vec<_>) =
        inputs.iter().partition(|(b, _)| b.usage().contains(wgpu::BufferUsages::MAP_WRITE));
    for (buffer, tensor) in others {
        upload(engine, buffer, tensor)?;
    }
    let mapped: Vec<_> = mappable.iter().map(|(buffer, _)| map(buffer, wgpu::MapMode::Write)).collect();
    engine.advance()?;
    for ((buffer, tensor), mapped) in mappable.into_iter().zip(mapped) {
        engine.resolve(mapped)?;
        let fail = |e: String| RuntimeError::Lost(format!("an input cannot be written: {e}"));
        let elem = storage(tensor.dtype()).ok_or_else(|| no_device_type(tensor.dtype()))?;
        let words = if tensor.dtype() == DType::F32 { None } else { Some(device_words(tensor, elem)) };
        let bytes = words.as_deref().unwrap_or_else(|| tensor.bytes());
        let mut range = buffer.get_mapped_range_mut(..).map_err(|e| fail(e.to_string()))?;
        range.slice(..bytes.len()).copy_from_slice(bytes);
        drop(range);
        buffer.unmap();
    }
    Ok(())
}

/// Asks for a mapping of the whole of `buffer`; the future resolves when somebody polls the device.
fn map(buffer: &wgpu::Buffer, mode: wgpu::MapMode) -> impl Future<Output = Result<(), RuntimeError>> + use<> {
    let (send, receive) = futures_channel::oneshot::channel();
    buffer.map_async(mode, .., move |result| {
        // The receiver is gone when the caller dropped the future.
        let _ = send.send(result);
    });
    async move {
        match receive.await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(e)) => Err(RuntimeError::Lost(format!("a buffer cannot be mapped: {e}"))),
            Err(_) => Err(RuntimeError::Lost("a mapping was dropped".to_owned())),
        }
    }
}

/// Queues the upload of `tensor` into `buffer`.
pub(crate) fn upload(engine: &Engine, buffer: &wgpu::Buffer, tensor: &Tensor) -> Result<(), RuntimeError> {
    let elem = storage(tensor.dtype()).ok_or_else(|| no_device_type(tensor.dtype()))?;
    if tensor.dtype() == DType::F32 {
        engine.queue().write_buffer(buffer, 0, tensor.bytes());
    } else {
        engine.queue().write_buffer(buffer, 0, &device_words(tensor, elem));
    }
    Ok(())
}

fn no_device_type(dtype: DType) -> RuntimeError {
    RuntimeError::Input(format!("{dtype} has no device type"))
}

/// A buffer that the host will read, and how many bytes of it.
pub(crate) struct Readback {
    staging: wgpu::Buffer,
    bytes: u64,
}

/// Bytes of a value of this type in a buffer that leaves the device.
pub(crate) fn bytes_of(ty: &TensorType, store: Store) -> u64 {
    (ty.elems() as u64 * store.bytes()).next_multiple_of(4)
}

/// Appends a copy of the first `bytes` of `buffer` to `encoder`, to be read after the submit.
pub(crate) fn download(
    engine: &Engine,
    encoder: &mut wgpu::CommandEncoder,
    buffer: &wgpu::Buffer,
    bytes: u64,
) -> Readback {
    let staging = engine.device().create_buffer(&wgpu::BufferDescriptor {
        label: Some("readback"),
        size: bytes.max(4),
        usage: wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST,
        mapped_at_creation: false,
    });
    if bytes > 0 {
        encoder.copy_buffer_to_buffer(buffer, 0, &staging, 0, bytes);
    }
    Readback { staging, bytes }
}

/// The first `bytes` of `buffer`, which no further work uses until they were read: mapped where it can be, else by way of
/// [`download`].
pub(crate) fn download_in_place(
    engine: &Engine,
    encoder: &mut wgpu::CommandEncoder,
    buffer: &wgpu::Buffer,
    bytes: u64,
) -> Readback {
    if buffer.usage().contains(wgpu::BufferUsages::MAP_READ) {
        return Readback { staging: buffer.clone(), bytes };
    }
    download(engine, encoder, buffer, bytes)
}

impl Readback {
    /// Asks for the mapping; the future resolves when somebody polls the device.
    pub(crate) fn map(&self) -> impl Future<Output = Result<(), RuntimeError>> + use<> {
        map(&self.staging, wgpu::MapMode::Read)
    }

    /// What `read` makes of the bytes, once mapped.
    pub(crate) fn finish<T>(self, read: impl FnOnce(&[u8]) -> T) -> Result<T, RuntimeError> {
        let fail = |e: String| RuntimeError::Lost(format!("a result cannot be read: {e}"));
        let mapped = self.staging.get_mapped_range(..).map_err(|e| fail(e.to_string()))?;
        let result = read(&mapped[..self.bytes as usize]);
        drop(mapped);
        self.staging.unmap();
        Ok(result)
    }

    /// The tensor, once mapped: of `ty`, or of the samples as which its elements lie.
    pub(crate) fn tensor(self, ty: &TensorType, store: Store) -> Result<Tensor, RuntimeError> {
        let read = self.finish(|bytes| match store {
            Store::Unorm8 => Tensor::new(DType::U8, &ty.shape, Data::new(bytes[..ty.elems()].to_vec())),
            Store::Unorm16 => Tensor::new(DType::U16, &ty.shape, Data::new(bytes[..2 * ty.elems()].to_vec())),
            _ => from_words(bytes, ty),
        })?;
        read.map_err(|e| RuntimeError::Lost(format!("a result cannot be read: {e}")))
    }
}

/// A tensor from the words of a device buffer.
fn from_words(words: &[u8], ty: &TensorType) -> Result<Tensor, ocelli_tensor::TensorError> {
    match (ty.dtype, storage(ty.dtype)) {
        (DType::F32, _) => Tensor::new(DType::F32, &ty.shape, Data::new(words.to_vec())),
        (dtype, Some(Elem::F32)) => {
            let values: Vec<f32> = bytemuck::allocation::pod_collect_to_vec(words);
            Tensor::from_vec(&ty.shape, values)?.cast(dtype)
        }
        (dtype, Some(Elem::I32)) => {
            let values: Vec<i32> = bytemuck::allocation::pod_collect_to_vec(words);
            Tensor::from_vec(&ty.shape, values)?.cast(dtype)
        }
        (dtype, _) => {
            let values: Vec<u32> = bytemuck::allocation::pod_collect_to_vec(words);
            Tensor::from_vec(&ty.shape, values)?.cast(dtype)
        }
    }
}
