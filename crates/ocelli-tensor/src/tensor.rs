use std::borrow::Cow;
use std::fmt;

use half::{bf16, f16};

use crate::{DType, Data, Element, TensorError, element_count, format_shape};

/// A host tensor: dtype, shape, and bytes in row-major order, little-endian.
#[derive(Clone)]
pub struct Tensor {
    dtype: DType,
    shape: Vec<usize>,
    data: Data,
}

/// `Vec<T>` as bytes, so that a typed vector can own the storage of a tensor.
struct Typed<T>(Vec<T>);
impl<T: bytemuck::Pod> AsRef<[u8]> for Typed<T> {
    fn as_ref(&self) -> &[u8] {
        bytemuck::cast_slice(&self.0)
    }
}

impl Tensor {
    /// A tensor over existing bytes.
    pub fn new(dtype: DType, shape: &[usize], data: Data) -> Result<Tensor, TensorError> {
        let expected = element_count(shape)
            .and_then(|n| n.checked_mul(dtype.size_bytes()))
            .ok_or_else(|| TensorError::TooLarge(shape.to_vec()))?;
        if data.len() != expected {
            return Err(TensorError::Length { dtype, shape: shape.to_vec(), expected, got: data.len() });
        }
        Ok(Tensor { dtype, shape: shape.to_vec(), data })
    }

    /// A tensor of the values, which must fill `shape`.
    pub fn from_vec<T: Element>(shape: &[usize], values: Vec<T>) -> Result<Tensor, TensorError> {
        Tensor::new(T::DTYPE, shape, Data::new(Typed(values)))
    }

    /// A bool tensor of the values, which must fill `shape`.
    pub fn from_bools(shape: &[usize], values: &[bool]) -> Result<Tensor, TensorError> {
        Tensor::new(DType::Bool, shape, Data::new(values.iter().map(|&b| u8::from(b)).collect::<Vec<_>>()))
    }

    /// A rank-0 tensor.
    pub fn scalar<T: Element>(value: T) -> Tensor {
        Tensor { dtype: T::DTYPE, shape: Vec::new(), data: Data::new(Typed(vec![value])) }
    }

    /// A rank-1 tensor.
    pub fn vector<T: Element>(values: Vec<T>) -> Tensor {
        Tensor { dtype: T::DTYPE, shape: vec![values.len()], data: Data::new(Typed(values)) }
    }

    /// A tensor of zeros.
    pub fn zeros(dtype: DType, shape: &[usize]) -> Result<Tensor, TensorError> {
        let n = element_count(shape)
            .and_then(|n| n.checked_mul(dtype.size_bytes()))
            .ok_or_else(|| TensorError::TooLarge(shape.to_vec()))?;
        Tensor::new(dtype, shape, Data::new(vec![0u8; n]))
    }

    /// Values given as `f64`, converted to `dtype` (floats round to nearest, integers saturate, bool is `!= 0`).
    pub fn from_f64s(dtype: DType, shape: &[usize], values: &[f64]) -> Result<Tensor, TensorError> {
        fn make<T: Element>(shape: &[usize], values: &[f64]) -> Result<Tensor, TensorError> {
            Tensor::from_vec(shape, values.iter().map(|&x| T::from_f64(x)).collect())
        }
        match dtype {
            DType::F32 => make::<f32>(shape, values),
            DType::F16 => make::<f16>(shape, values),
            DType::BF16 => make::<bf16>(shape, values),
            DType::F64 => make::<f64>(shape, values),
            DType::I8 => make::<i8>(shape, values),
            DType::U8 => make::<u8>(shape, values),
            DType::I16 => make::<i16>(shape, values),
            DType::U16 => make::<u16>(shape, values),
            DType::I32 => make::<i32>(shape, values),
            DType::U32 => make::<u32>(shape, values),
            DType::I64 => make::<i64>(shape, values),
            DType::U64 => make::<u64>(shape, values),
            DType::Bool => Tensor::from_bools(shape, &values.iter().map(|&x| x != 0.0).collect::<Vec<_>>()),
        }
    }

    /// Values given as `i64`, converted to `dtype` (integers wrap, bool is `!= 0`).
    pub fn from_i64s(dtype: DType, shape: &[usize], values: &[i64]) -> Result<Tensor, TensorError> {
        fn make<T: Element>(shape: &[usize], values: &[i64]) -> Result<Tensor, TensorError> {
            Tensor::from_vec(shape, values.iter().map(|&x| T::from_i64(x)).collect())
        }
        match dtype {
            DType::I8 => make::<i8>(shape, values),
            DType::U8 => make::<u8>(shape, values),
            DType::I16 => make::<i16>(shape, values),
            DType::U16 => make::<u16>(shape, values),
            DType::I32 => make::<i32>(shape, values),
            DType::U32 => make::<u32>(shape, values),
            DType::I64 => make::<i64>(shape, values),
            DType::U64 => make::<u64>(shape, values),
            _ => Tensor::from_f64s(dtype, shape, &values.iter().map(|&x| x as f64).collect::<Vec<_>>()),
        }
    }

    /// The dtype.
    pub fn dtype(&self) -> DType {
        self.dtype
    }

    /// The shape, outermost dimension first.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// Number of dimensions.
    pub fn rank(&self) -> usize {
        self.shape.len()
    }

    /// Number of elements.
    pub fn len(&self) -> usize {
        self.data.len() / self.dtype.size_bytes()
    }

    /// Whether there is no element.
    pub fn is_empty(&self) -> bool {
        self.data.is_empty()
    }

    /// The bytes in row-major order.
    pub fn bytes(&self) -> &[u8] {
        &self.data
    }

    /// The shared bytes.
    pub fn data(&self) -> &Data {
        &self.data
    }

    /// The elements; copied only when the bytes are not aligned for `T`. Errors when the dtype differs.
    pub fn view<T: Element>(&self) -> Result<Cow<'_, [T]>, TensorError> {
        if T::DTYPE != self.dtype {
            return Err(TensorError::DType { expected: T::DTYPE, got: self.dtype });
        }
        Ok(match bytemuck::try_cast_slice(&self.data) {
            Ok(slice) => Cow::Borrowed(slice),
            Err(_) => Cow::Owned(bytemuck::allocation::pod_collect_to_vec(&self.data)),
        })
    }

    /// The elements of a bool tensor. Errors when the dtype differs.
    pub fn bools(&self) -> Result<Vec<bool>, TensorError> {
        if self.dtype != DType::Bool {
            return Err(TensorError::DType { expected: DType::Bool, got: self.dtype });
        }
        Ok(self.data.iter().map(|&b| b != 0).collect())
    }

    /// The elements converted to `f64`, whatever the dtype (64-bit integers may round).
    pub fn to_f64s(&self) -> Vec<f64> {
        fn all<T: Element>(t: &Tensor) -> Vec<f64> {
            t.view::<T>().map(|v| v.iter().map(|&x| x.to_f64()).collect()).unwrap_or_default()
        }
        match self.dtype {
            DType::F32 => all::<f32>(self),
            DType::F16 => all::<f16>(self),
            DType::BF16 => all::<bf16>(self),
            DType::F64 => all::<f64>(self),
            DType::I8 => all::<i8>(self),
            DType::U8 => all::<u8>(self),
            DType::I16 => all::<i16>(self),
            DType::U16 => all::<u16>(self),
            DType::I32 => all::<i32>(self),
            DType::U32 => all::<u32>(self),
            DType::I64 => all::<i64>(self),
            DType::U64 => all::<u64>(self),
            DType::Bool => self.data.iter().map(|&b| f64::from(u8::from(b != 0))).collect(),
        }
    }

    /// The elements converted to `f32`, whatever the dtype.
    pub fn to_f32s(&self) -> Vec<f32> {
        match self.dtype {
            DType::F32 => self.view::<f32>().map(Cow::into_owned).unwrap_or_default(),
            _ => self.to_f64s().into_iter().map(|x| x as f32).collect(),
        }
    }

    /// The elements converted to `i64`; floats truncate and saturate, `u64` wraps.
    pub fn to_i64s(&self) -> Vec<i64> {
        fn all<T: Element>(t: &Tensor) -> Vec<i64> {
            t.view::<T>().map(|v| v.iter().map(|&x| x.to_i64()).collect()).unwrap_or_default()
        }
        match self.dtype {
            DType::F32 => all::<f32>(self),
            DType::F16 => all::<f16>(self),
            DType::BF16 => all::<bf16>(self),
            DType::F64 => all::<f64>(self),
            DType::I8 => all::<i8>(self),
            DType::U8 => all::<u8>(self),
            DType::I16 => all::<i16>(self),
            DType::U16 => all::<u16>(self),
            DType::I32 => all::<i32>(self),
            DType::U32 => all::<u32>(self),
            DType::I64 => all::<i64>(self),
            DType::U64 => all::<u64>(self),
            DType::Bool => self.data.iter().map(|&b| i64::from(b != 0)).collect(),
        }
    }

    /// The same bytes under another shape of as many elements.
    pub fn reshaped(&self, shape: &[usize]) -> Result<Tensor, TensorError> {
        Tensor::new(self.dtype, shape, self.data.clone())
    }

    /// The elements converted to `dtype` as ONNX `Cast` does: floats truncate towards zero into integers, integers
    /// wrap into narrower ones, anything non-zero is `true`.
    pub fn cast(&self, dtype: DType) -> Result<Tensor, TensorError> {
        if dtype == self.dtype {
            return Ok(self.clone());
        }
        if self.dtype.is_float() || dtype.is_float() || dtype == DType::Bool {
            if self.dtype == DType::U64 && dtype == DType::F64 {
                return Tensor::from_vec(&self.shape, self.view::<u64>()?.iter().map(|&x| x as f64).collect());
            }
            return Tensor::from_f64s(dtype, &self.shape, &self.to_f64s());
        }
        Tensor::from_i64s(dtype, &self.shape, &self.to_i64s())
    }
}

impl fmt::Debug for Tensor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tensor({} {})", self.dtype, format_shape(&self.shape))
    }
}

impl PartialEq for Tensor {
    /// Bit-for-bit equality of dtype, shape and bytes.
    fn eq(&self, other: &Tensor) -> bool {
        self.dtype == other.dtype && self.shape == other.shape && self.bytes() == other.bytes()
    }
}
