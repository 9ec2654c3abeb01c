use ocelli_tensor::{DType, Tensor};

use super::BitCast;
use crate::Case;
use crate::ops::util::random_f32;

/// Cases of BitCast: floats and integers of 1, 4 and 8 bytes.
pub fn cases() -> Vec<Case> {
    vec![
        Case::new("f32_to_i32", BitCast { to: DType::I32 }, vec![random_f32(&[2, 3], 1)]),
        Case::new("i32_to_u32", BitCast { to: DType::U32 }, vec![Tensor::vector(vec![-1i32, 5, i32::MIN])]),
        Case::new("i8_to_u8", BitCast { to: DType::U8 }, vec![Tensor::vector(vec![-1i8, 5, i8::MIN])]),
        Case::new("f64_to_i64", BitCast { to: DType::I64 }, vec![Tensor::vector(vec![1.5f64, -0.0])]),
    ]
}
