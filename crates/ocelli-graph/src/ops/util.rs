//! Small helpers of the references and cases.

use ocelli_tensor::{DType, Tensor};

use crate::OpError;

/// Input `i`, or an error that it is missing.
pub fn required(inputs: &[Option<Tensor>], i: usize) -> Result<&Tensor, OpError> {
    optional(inputs, i).ok_or_else(|| OpError::invalid(format!("input {i} is missing")))
}

/// Input `i`, if given.
pub fn optional(inputs: &[Option<Tensor>], i: usize) -> Option<&Tensor> {
    inputs.get(i).and_then(Option::as_ref)
}

/// Calls `f` with every index of `shape` in row-major order (once, with `[]`, for rank 0).
pub fn for_each_index(shape: &[usize], mut f: impl FnMut(&[usize])) {
    if shape.contains(&0) {
        return;
    }
    let mut index = vec![0; shape.len()];
    loop {
        f(&index);
        let mut axis = shape.len();
        loop {
            if axis == 0 {
                return;
            }
            axis -= 1;
            index[axis] += 1;
            if index[axis] < shape[axis] {
                break;
            }
            index[axis] = 0;
        }
    }
}

/// Offset of `index` (over the broadcast shape) in a tensor of `shape`, whose dims of 1 repeat.
pub fn broadcast_offset(index: &[usize], shape: &[usize]) -> usize {
    let skip = index.len() - shape.len();
    shape.iter().zip(&index[skip..]).fold(0, |at, (&d, &i)| at * d + if d == 1 { 0 } else { i })
}

/// Pseudo-random floats in -1..1 for cases, the same on every machine.
pub fn random_f32(shape: &[usize], seed: u64) -> Tensor {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5851_f42d_4c95_7f2d;
    let n = shape.iter().product();
    let values: Vec<f64> = (0..n)
        .map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 40) as f64 / f64::from(1 << 23) - 1.0
        })
        .collect();
    case_tensor(DType::F32, shape, &values)
}

/// A tensor of a case; an empty one when the numbers do not fill the shape, which the completeness test rejects.
pub fn case_tensor(dtype: DType, shape: &[usize], values: &[f64]) -> Tensor {
    Tensor::from_f64s(dtype, shape, values).unwrap_or_else(|_| Tensor::vector::<f32>(Vec::new()))
}

/// A vector of `i64`, as shapes, axes and indices are given.
pub fn i64s(values: &[i64]) -> Tensor {
    Tensor::vector(values.to_vec())
}
