//! Data types, shapes, host tensors and `.npy` files.
//!
//! A [`Tensor`] is a dtype, a shape and bytes in row-major (C) order. The bytes are shared and may lie in a memory map,
//! so that weights are never copied on their way from a model file to the device.

mod data;
mod dtype;
mod error;
pub mod npy;
mod shape;
mod tensor;

pub use data::Data;
pub use dtype::{DType, Element};
pub use error::TensorError;
pub use half::{bf16, f16};
pub use shape::{Dim, broadcast_shapes, contiguous_strides, element_count, format_shape};
pub use tensor::Tensor;
