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

/// `typed` with `T` standing for the element type of `dtype`, or `bools` when that is bool, which has no element type.
macro_rules! with_element {
    ($dtype:expr, $T:ident => $typed:expr, bool => $bools:expr) => {
        with_element!(@match $dtype, $T, $typed, $bools, F32 f32, F16 f16, BF16 bf16, F64 f64, I8 i8, U8 u8, I16 i16,
            U16 u16, I32 i32, U32 u32, I64 i64, U64 u64)
    };
    (@match $dtype:expr, $T:ident, $typed:expr, $bools:expr, $($variant:ident $element:ty),*) => {
        match $dtype {
            $(DType::$variant => { type $T = $element; $typed })*
            DType::Bool => $bools,
        }
    };
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
        with_element!(dtype,
            T => Tensor::from_vec(shape, values.iter().map(|&x| T::from_f64(x)).collect()),
            bool => Tensor::from_bools(shape, &values.iter().map(|&x| x != 0.0).collect::<Vec<_>>()))
    }

    /// Values given as `i64`, converted to `dtype` (floats round to nearest, integers wrap, bool is `!= 0`).
    pub fn from_i64s(dtype: DType, shape: &[usize], values: &[i64]) -> Result<Tensor, TensorError> {
        with_element!(dtype,
            T => Tensor::from_vec(shape, values.iter().map(|&x| T::from_i64(x)).collect()),
            bool => Tensor::from_bools(shape, &values.iter().map(|&x| x != 0).collect::<Vec<_>>()))
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
        with_element!(self.dtype,
            T => self.view::<T>().map(|v| v.iter().map(|&x| x.to_f64()).collect()).unwrap_or_default(),
            bool => self.data.iter().map(|&b| f64::from(u8::from(b != 0))).collect())
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
        with_element!(self.dtype,
            T => self.view::<T>().map(|v| v.iter().map(|&x| x.to_i64()).collect()).unwrap_or_default(),
            bool => self.data.iter().map(|&b| i64::from(b != 0)).collect())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_numbers_go_through_every_dtype() {
        for dtype in DType::ALL {
            let (doubles, wide) =
                (Tensor::from_f64s(dtype, &[3], &[0.0, 1.0, 1.0]), Tensor::from_i64s(dtype, &[3], &[0, 1, 1]));
            let t = doubles.unwrap();
            assert_eq!((t.dtype(), t.bytes().len()), (dtype, 3 * dtype.size_bytes()));
            assert_eq!((t.to_f64s(), t.to_i64s()), (vec![0.0, 1.0, 1.0], vec![0, 1, 1]), "{dtype}");
            assert_eq!(t, wide.unwrap());
        }
    }

    #[test]
    fn numbers_saturate_wrap_and_round() {
        let bytes = |t: Result<Tensor, TensorError>| t.unwrap().bytes().to_vec();
        assert_eq!(bytes(Tensor::from_f64s(DType::U8, &[3], &[-1.0, 300.0, 2.9])), [0, 255, 2]);
        assert_eq!(bytes(Tensor::from_i64s(DType::U8, &[3], &[-1, 300, 2])), [255, 44, 2]);
        assert_eq!(bytes(Tensor::from_f64s(DType::Bool, &[3], &[0.0, 0.25, f64::NAN])), [0, 1, 1]);
        assert_eq!(bytes(Tensor::from_i64s(DType::Bool, &[3], &[0, 256, -1])), [0, 1, 1]);
        // Just above the middle of two f32, where going through f64 would round to that middle and then to even.
        let above = (1i64 << 60) + (1 << 36) + 1;
        assert_eq!(
            Tensor::from_i64s(DType::F32, &[1], &[above]).unwrap().to_f64s(),
            [((1i64 << 60) + (1 << 37)) as f64]
        );
        assert_eq!(Tensor::vector(vec![f32::MAX, -2.9, f32::NAN]).to_i64s(), [i64::MAX, -2, 0]);
        assert_eq!(Tensor::vector(vec![u64::MAX]).to_i64s(), [-1]);
        assert!(Tensor::from_f64s(DType::F32, &[2], &[1.0]).is_err());
    }
}
