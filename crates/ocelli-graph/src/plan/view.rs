use ocelli_shaders::Elem;
use ocelli_tensor::{DType, contiguous_strides};

use super::BufferId;

/// Element type that a dtype has in device memory: one 4-byte word each. `None` where 32 bits cannot hold it; 64-bit
/// integers are held as `i32` when a kernel made them (indices), see [`Placement`](super::Placement).
pub fn storage(dtype: DType) -> Option<Elem> {
    match dtype {
        DType::F32 | DType::F16 | DType::BF16 => Some(Elem::F32),
        DType::I8 | DType::I16 | DType::I32 | DType::I64 => Some(Elem::I32),
        DType::U8 | DType::U16 | DType::U32 | DType::Bool => Some(Elem::U32),
        DType::F64 | DType::U64 => None,
    }
}

/// A strided window into a buffer: how a value lies in memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View {
    /// The buffer.
    pub buffer: BufferId,
    /// Element type.
    pub elem: Elem,
    /// First element.
    pub offset: usize,
    /// Logical shape.
    pub shape: Vec<usize>,
    /// Stride of each dimension in elements; 0 repeats, negative runs backwards.
    pub strides: Vec<isize>,
}

impl View {
    /// A row-major view of a whole buffer.
    pub fn dense(buffer: BufferId, elem: Elem, shape: &[usize]) -> View {
        let strides = contiguous_strides(shape)
            .into_iter()
            .map(|s| s as isize)
            .collect();
        View {
            buffer,
            elem,
            offset: 0,
            shape: shape.to_vec(),
            strides,
        }
    }

    /// Number of elements.
    pub fn elems(&self) -> usize {
        self.shape.iter().product()
    }

    /// Whether the elements from dimension `first` on lie in row-major order without gaps.
    pub fn dense_from(&self, first: usize) -> bool {
        let dense = contiguous_strides(&self.shape[first..]);
        self.shape[first..]
            .iter()
            .zip(&self.strides[first..])
            .zip(dense)
            .all(|((&d, &s), want)| d == 1 || s == want as isize)
    }

    /// Whether all elements lie in row-major order without gaps (at any offset).
    pub fn is_dense(&self) -> bool {
        self.elems() == 0 || self.dense_from(0)
    }

    /// Whether no stride is negative, so that kernels with unsigned strides can read it.
    pub fn is_forward(&self) -> bool {
        self.strides.iter().all(|&s| s >= 0)
    }

    /// The view broadcast to `shape` by the rule of ONNX; the shapes must be compatible.
    pub fn broadcast(&self, shape: &[usize]) -> View {
        let skip = shape.len().saturating_sub(self.shape.len());
        let mut strides = vec![0; shape.len()];
        for (i, &d) in self.shape.iter().enumerate() {
            if d != 1 {
                strides[skip + i] = self.strides[i];
            }
        }
        View {
            shape: shape.to_vec(),
            strides,
            ..self.clone()
        }
    }

    /// The same elements under another shape; `None` when the strides do not allow it without a copy.
    pub fn reshape(&self, shape: &[usize]) -> Option<View> {
        if !self.is_dense() {
            return None;
        }
        let strides = contiguous_strides(shape)
            .into_iter()
            .map(|s| s as isize)
            .collect();
        Some(View {
            shape: shape.to_vec(),
            strides,
            ..self.clone()
        })
    }

    /// The view with dimensions reordered: dimension `i` of the result is `perm[i]` of this one.
    pub fn transpose(&self, perm: &[usize]) -> View {
        View {
            shape: perm.iter().map(|&p| self.shape[p]).collect(),
            strides: perm.iter().map(|&p| self.strides[p]).collect(),
            ..self.clone()
        }
    }

    /// `len` elements of `axis` from `start` on, every `step`-th (which may be negative).
    pub fn slice(&self, axis: usize, start: usize, len: usize, step: isize) -> View {
        let mut view = self.clone();
        view.offset = (self.offset as isize + start as isize * self.strides[axis]).max(0) as usize;
        view.shape[axis] = len;
        view.strides[axis] = self.strides[axis] * step;
        view
    }
}
