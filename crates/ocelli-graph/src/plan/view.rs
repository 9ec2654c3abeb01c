use ocelli_shaders::{Elem, Store};
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
    /// Element type that kernels compute with.
    pub elem: Elem,
    /// How the elements lie in memory; what is not `Full` holds floats.
    pub store: Store,
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
        let strides = contiguous_strides(shape).into_iter().map(|s| s as isize).collect();
        View { buffer, elem, store: Store::Full, offset: 0, shape: shape.to_vec(), strides }
    }

    /// The view of the same elements where they lie in another form.
    #[must_use]
    pub fn with_store(self, store: Store) -> View {
        View { store, ..self }
    }

    /// Bytes of its elements.
    pub fn bytes(&self) -> u64 {
        self.elems() as u64 * self.store.bytes()
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
        View { shape: shape.to_vec(), strides, ..self.clone() }
    }

    /// The same elements in row-major order under another shape; `None` when the strides do not allow it without a copy
    /// or the number of elements differs.
    pub fn reshape(&self, shape: &[usize]) -> Option<View> {
        if shape.iter().product::<usize>() != self.elems() {
            return None;
        }
        if self.elems() == 0 {
            return Some(View { offset: self.offset, store: self.store, ..View::dense(self.buffer, self.elem, shape) });
        }
        // Dimensions of 1 have no say. Each run of new dimensions takes the elements of a run of old ones, which must
        // step evenly.
        let dims = self.shape.iter().zip(&self.strides);
        let mut old = dims.filter(|(d, _)| **d != 1).map(|(&d, &s)| (d, s));
        let mut strides = vec![1isize; shape.len()];
        let mut next = 0;
        while let Some((mut have, mut stride)) = old.next() {
            let first = next;
            let mut want = 1;
            while want != have {
                if want < have {
                    want *= shape.get(next)?;
                    next += 1;
                } else {
                    let (d, s) = old.next()?;
                    if stride != s * d as isize {
                        return None;
                    }
                    have *= d;
                    stride = s;
                }
            }
            for i in (first..next).rev() {
                strides[i] = stride;
                stride *= shape[i] as isize;
            }
        }
        Some(View { shape: shape.to_vec(), strides, ..self.clone() })
    }

    /// Whether every element lies in a buffer of `elems` elements.
    pub fn lies_within(&self, elems: usize) -> bool {
        if self.elems() == 0 {
            return true;
        }
        let reach = |sign: isize| -> i128 {
            let steps = self.shape.iter().zip(&self.strides).filter(|(_, s)| s.signum() == sign);
            steps.map(|(&d, &s)| (d as i128 - 1) * s as i128).sum()
        };
        let (up, down) = (reach(1), reach(-1));
        let first = self.offset as i128;
        first + down >= 0 && first + up < elems as i128
    }

    /// Whether both are the same elements of one buffer in one order.
    pub fn is_same(&self, other: &View) -> bool {
        let strides = self.strides.iter().zip(&other.strides);
        self.buffer == other.buffer
            && self.offset == other.offset
            && self.shape == other.shape
            && self.shape.iter().zip(strides).all(|(&d, (a, b))| d == 1 || a == b)
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Offsets of the elements in row-major order.
    fn offsets(view: &View) -> Vec<isize> {
        let mut all = vec![view.offset as isize];
        for (&d, &s) in view.shape.iter().zip(&view.strides) {
            all = all.iter().flat_map(|&at| (0..d as isize).map(move |i| at + i * s)).collect();
        }
        all
    }

    #[test]
    fn reshaping_keeps_the_elements_or_refuses() {
        let dense = View::dense(BufferId(0), Elem::F32, &[2, 6, 4]);
        let slice = dense.slice(1, 1, 4, 1);
        let transposed = dense.transpose(&[2, 0, 1]);
        let reversed = dense.slice(2, 3, 4, -1);
        for (view, shape, works) in [
            (&dense, &[4, 3, 1, 4][..], true),
            (&dense, &[48], true),
            (&dense, &[5, 9], false),
            (&slice, &[2, 2, 8], true),
            (&slice, &[2, 1, 16, 1], true),
            (&slice, &[8, 4], false),
            (&transposed, &[4, 2, 2, 3], true),
            (&transposed, &[2, 2, 12], true),
            (&transposed, &[8, 6], false),
            (&reversed, &[12, 4], true),
            (&reversed, &[2, 24], false),
        ] {
            let got = view.reshape(shape);
            assert_eq!(got.is_some(), works, "{view:?} to {shape:?}");
            if let Some(got) = got {
                assert_eq!(got.shape, shape);
                assert_eq!(offsets(&got), offsets(view), "{view:?} to {shape:?}");
            }
        }
        let one = View::dense(BufferId(0), Elem::F32, &[1, 1]);
        assert_eq!(one.reshape(&[]).map(|v| v.shape), Some(vec![]));
    }
}
