use super::QLinearMatMul;
use crate::Case;
use crate::ops::matmul_integer::cases::bytes;
use crate::ops::util::case_tensor;
use ocelli_tensor::{DType, Tensor};

/// Cases of QLinearMatMul: one scale each, batches, scales per column.
pub fn cases() -> Vec<Case> {
    let case = |name: &str, a: &[usize], b: &[usize], b_scale: &[f64]| {
        let columns: Vec<usize> = if b_scale.len() == 1 { vec![] } else { vec![b_scale.len()] };
        let inputs = vec![
            bytes(DType::U8, a, 1),
            Tensor::scalar(0.02f32),
            Tensor::scalar(113u8),
            bytes(DType::I8, b, 2),
            case_tensor(DType::F32, &columns, b_scale),
            Tensor::zeros(DType::I8, &columns).unwrap_or_else(|_| Tensor::scalar(0i8)),
            Tensor::scalar(0.11f32),
            Tensor::scalar(118u8),
        ];
        Case::new(name, QLinearMatMul, inputs)
    };
    vec![
        case("plain", &[5, 7], &[7, 3], &[0.013]),
        case("batched", &[2, 3, 9], &[2, 9, 4], &[0.017]),
        case("per_column", &[3, 6], &[6, 4], &[0.01, 0.02, 0.015, 0.03]),
    ]
}
