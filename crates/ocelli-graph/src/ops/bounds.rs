//! How large the tensors of a graph may be.

use ocelli_tensor::DType;

use crate::{OpError, TensorType};

/// Most elements of one tensor, and the largest dimension.
///
/// Kernels index with 32 bits, and a shape can come out of an untrusted file: beyond this the sizes, offsets and strides
/// that are computed from a shape would overflow, or the memory would be asked for.
pub const MAX_ELEMS: usize = 1 << 31;

/// The type of an output, unless its shape is beyond [`MAX_ELEMS`].
///
/// Dimensions of 0 count as 1, so that the other dimensions of an empty tensor are bounded too and no product over any of
/// them overflows. The error is an [`OpError::Invalid`], not an [`OpError::Unsupported`]: the operator is there, it is
/// this shape that cannot be, be it that the model computes it or that it follows from the size of an input.
pub fn bounded(dtype: DType, shape: impl Into<Vec<usize>>) -> Result<TensorType, OpError> {
    let ty = TensorType::new(dtype, shape);
    match ty.shape.iter().try_fold(1usize, |n, &d| n.checked_mul(d.max(1))) {
        Some(n) if n <= MAX_ELEMS => Ok(ty),
        _ => Err(OpError::invalid(format!("an output of {ty} is too large: at most 2^31 elements"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_are_bounded_and_never_overflow() {
        let fits: [&[usize]; 6] = [&[], &[0], &[1 << 31], &[1 << 16, 1 << 15], &[0, 1 << 31], &[1 << 31, 1, 0]];
        for shape in fits {
            assert_eq!(bounded(DType::U8, shape), Ok(TensorType::new(DType::U8, shape)));
        }
        let too_large: [&[usize]; 7] = [
            &[(1 << 31) + 1],
            &[1 << 16, (1 << 15) + 1],
            // 2^64 is 0 when it wraps.
            &[1 << 32, 1 << 32],
            &[usize::MAX, 2],
            &[usize::MAX; 8],
            &[0, (1 << 31) + 1],
            &[1 << 16, 1 << 16, 0],
        ];
        for shape in too_large {
            let error = bounded(DType::F32, shape).unwrap_err();
            assert!(matches!(&error, OpError::Invalid(text) if text.contains("2^31")), "{shape:?}: {error}");
        }
    }
}
