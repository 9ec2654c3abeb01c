use ocelli_tensor::{DType, Tensor};

use super::Where;
use crate::Case;
use crate::ops::util::{case_tensor, random_f32};

/// Cases of Where: every operand broadcast, a NaN that is not chosen, integers.
pub fn cases() -> Vec<Case> {
    let condition = |shape: &[usize]| {
        let n = shape.iter().product::<usize>();
        case_tensor(DType::Bool, shape, &(0..n).map(|i| f64::from(u8::from(i * 7 % 3 == 0))).collect::<Vec<_>>())
    };
    vec![
        Case::new("same_shape", Where, vec![condition(&[2, 3, 5]), random_f32(&[2, 3, 5], 1), random_f32(&[2, 3, 5], 2)]),
        Case::new("broadcast", Where, vec![condition(&[3, 1]), random_f32(&[2, 1, 5], 1), Tensor::scalar(f32::NEG_INFINITY)]),
        Case::new("nan", Where, vec![condition(&[4]), Tensor::vector(vec![1.0f32, f32::NAN, 2.0, f32::NAN]), Tensor::scalar(0.0f32)]),
        Case::new("i64", Where, vec![condition(&[2, 3]), Tensor::vector(vec![i64::MIN, 2, 3]), Tensor::vector(vec![7i64])]),
        Case::new("u8", Where, vec![condition(&[2, 3]), Tensor::vector(vec![200u8, 2, 3]), Tensor::vector(vec![7u8])]),
        Case::new("bool", Where, vec![condition(&[2, 3]), condition(&[3]), condition(&[2, 1])]),
    ]
}
