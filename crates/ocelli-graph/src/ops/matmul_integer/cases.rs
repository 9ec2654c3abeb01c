use super::MatMulInteger;
use crate::Case;
use crate::ops::util::{case_tensor, random_f32};
use ocelli_tensor::{DType, Tensor};

/// Pseudo-random bytes over the range of the type.
pub(crate) fn bytes(dtype: DType, shape: &[usize], seed: u64) -> Tensor {
    let shift = if dtype == DType::U8 { 127.5 } else { 0.0 };
    let values: Vec<f64> = random_f32(shape, seed).to_f64s().iter().map(|x| (x * 127.0 + shift).round()).collect();
    case_tensor(dtype, shape, &values)
}

/// Cases of MatMulInteger: zero points of every form, batches.
pub fn cases() -> Vec<Case> {
    let case = |name: &str, a: &[usize], b: &[usize], zeros: &[&[usize]]| {
        let mut inputs = vec![bytes(DType::U8, a, 1), bytes(DType::I8, b, 2)];
        for (i, (shape, dtype)) in zeros.iter().zip([DType::U8, DType::I8]).enumerate() {
            inputs.push(bytes(dtype, shape, 3 + i as u64));
        }
        Case::new(name, MatMulInteger, inputs)
    };
    vec![
        case("no_zero_points", &[5, 7], &[7, 3], &[]),
        case("scalars", &[2, 5, 9], &[2, 9, 4], &[&[], &[]]),
        case("per_row_and_column", &[5, 8], &[8, 6], &[&[5], &[6]]),
    ]
}
