//! Helpers for operators over axes, lanes and exact integers.

use ocelli_tensor::{DType, Data, Tensor, contiguous_strides};

use super::util::for_each_index;
use crate::{InferCx, OpError, TensorType, operator::Outputs};

/// The floating-point types.
pub const FLOATS: [DType; 4] = [DType::F32, DType::F16, DType::BF16, DType::F64];

/// Every type but bool.
pub const NUMBERS: [DType; 12] = [
    DType::F32,
    DType::F16,
    DType::BF16,
    DType::F64,
    DType::I8,
    DType::U8,
    DType::I16,
    DType::U16,
    DType::I32,
    DType::U32,
    DType::I64,
    DType::U64,
];

/// `shape` seen along `axis`: the product of the dimensions before, the dimension, the product of those behind. Rank 0
/// is one lane of one element.
pub fn lanes(shape: &[usize], axis: usize) -> (usize, usize, usize) {
    let outer = shape.iter().take(axis).product();
    let inner = shape.iter().skip(axis + 1).product();
    (outer, shape.get(axis).copied().unwrap_or(1), inner)
}

/// Axes made non-negative, sorted, and checked to be distinct.
pub fn axes(given: &[i64], rank: usize) -> Result<Vec<usize>, OpError> {
    let mut all = given
        .iter()
        .map(|&a| {
            if rank == 0 {
                return Err(OpError::invalid(format!("axis {a} of a scalar")));
            }
            InferCx::axis(a, rank)
        })
        .collect::<Result<Vec<_>, _>>()?;
    all.sort_unstable();
    if all.windows(2).any(|w| w[0] == w[1]) {
        return Err(OpError::invalid(format!("axes {given:?} repeat one")));
    }
    Ok(all)
}

/// The elements of an integer or bool tensor, exactly; floats truncate.
pub fn integers(t: &Tensor) -> Vec<i128> {
    let wide = t.to_i64s();
    if t.dtype() == DType::U64 {
        return wide.into_iter().map(|x| i128::from(x as u64)).collect();
    }
    wide.into_iter().map(i128::from).collect()
}

/// Integers wrapped into `dtype`.
pub fn from_integers(dtype: DType, shape: &[usize], values: &[i128]) -> Result<Tensor, OpError> {
    let narrow: Vec<i64> = values.iter().map(|&x| x as i64).collect();
    Ok(Tensor::from_i64s(dtype, shape, &narrow)?)
}

/// For each element a key that orders as the element does, NaN above everything and -0 equal to 0.
pub fn order_keys(t: &Tensor) -> Vec<i128> {
    if !t.dtype().is_float() {
        return integers(t);
    }
    let key = |x: f64| {
        if x.is_nan() {
            return i128::from(i64::MAX);
        }
        let bits = (x + 0.0).to_bits() as i64;
        i128::from(bits ^ (((bits >> 63) as u64) >> 1) as i64)
    };
    t.to_f64s().into_iter().map(key).collect()
}

/// A tensor of `shape` whose elements are those of `t` at the flat positions `at`.
pub fn pick(t: &Tensor, shape: &[usize], at: &[usize]) -> Result<Tensor, OpError> {
    let size = t.dtype().size_bytes();
    let mut bytes = Vec::with_capacity(at.len() * size);
    for &i in at {
        let element = t.bytes().get(i * size..(i + 1) * size);
        bytes.extend_from_slice(
            element.ok_or_else(|| OpError::invalid(format!("element {i} is outside of {} elements", t.len())))?,
        );
    }
    Ok(Tensor::new(t.dtype(), shape, Data::new(bytes))?)
}

/// For each index over `kept` axes (row-major), the flat positions of the elements along the `reduced` axes.
pub fn gather_lanes(shape: &[usize], kept: &[usize], reduced: &[usize], mut f: impl FnMut(&[usize])) {
    let strides = contiguous_strides(shape);
    let dims = |axes: &[usize]| axes.iter().map(|&a| shape[a]).collect::<Vec<_>>();
    let at = |axes: &[usize], index: &[usize]| -> usize { axes.iter().zip(index).map(|(&a, &i)| strides[a] * i).sum() };
    let mut steps = Vec::new();
    for_each_index(&dims(reduced), |index| steps.push(at(reduced, index)));
    let mut lane = vec![0; steps.len()];
    for_each_index(&dims(kept), |index| {
        let base = at(kept, index);
        for (to, step) in lane.iter_mut().zip(&steps) {
            *to = base + step;
        }
        f(&lane);
    });
}

/// The error of an operator whose output shape depends on the values of all its inputs: the first that is not constant.
pub fn needs_values(cx: &InferCx<'_>) -> OpError {
    let unknown =
        cx.inputs.iter().enumerate().find(|(i, ty)| ty.is_some() && cx.constants.get(*i).copied().flatten().is_none());
    OpError::NeedsValue(unknown.map_or(0, |(i, _)| i))
}

/// One result from `f64`s.
pub fn result(dtype: DType, shape: &[usize], values: &[f64]) -> Outputs {
    Ok(vec![Tensor::from_f64s(dtype, shape, values)?])
}

/// Errors unless `got` has `expected` as its shape.
pub fn expect_shape(what: &str, got: &TensorType, expected: &[usize]) -> Result<(), OpError> {
    if got.shape == expected {
        return Ok(());
    }
    Err(OpError::invalid(format!("{what}: expected {expected:?}, got {got}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_keys_follow_the_numbers() {
        let x = [f64::NEG_INFINITY, -2.5, -1e-300, 0.0, 1e-300, 3.0, f64::INFINITY, f64::NAN];
        let keys = order_keys(&Tensor::vector(x.to_vec()));
        assert!(keys.windows(2).all(|w| w[0] < w[1]), "{keys:?}");
        let zeros = order_keys(&Tensor::vector(vec![-0.0f64, 0.0]));
        assert_eq!(zeros[0], zeros[1]);
        let big = order_keys(&Tensor::vector(vec![u64::MAX, 1]));
        assert!(big[0] > big[1]);
    }

    #[test]
    fn lanes_are_gathered_in_row_major_order() {
        let mut all = Vec::new();
        gather_lanes(&[2, 3, 2], &[1], &[0, 2], |lane| all.push(lane.to_vec()));
        assert_eq!(all, [[0, 1, 6, 7], [2, 3, 8, 9], [4, 5, 10, 11]]);
    }
}
