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
        Case::new(name, QLinearMatMul::default(), inputs)
    };
    let fused = |name: &str, a: &[usize], b: &[usize], y: Tensor, clamp| {
        let n = b[1];
        let scales: Vec<f64> = (0..n).map(|j| 0.002 + 0.001 * j as f64).collect();
        let bias: Vec<f64> = (0..n).map(|j| 313.0 * j as f64 - 900.0).collect();
        let inputs = vec![
            bytes(DType::I8, a, 4),
            Tensor::scalar(0.02f32),
            Tensor::scalar(-13i8),
            bytes(DType::I8, b, 5),
            case_tensor(DType::F32, &[n], &scales),
            case_tensor(DType::I8, &[n], &vec![0.0; n]),
            Tensor::scalar(0.11f32),
            y,
            case_tensor(DType::I32, &[n], &bias),
        ];
        Case::new(name, QLinearMatMul { clamp }, inputs).constants_from(1)
    };
    let constant = |name: &str, a: &[usize], b: &[usize], scale: &[f64]| case(name, a, b, scale).constants_from(1);
    vec![
        case("plain", &[5, 7], &[7, 3], &[0.013]),
        case("batched", &[2, 3, 9], &[2, 9, 4], &[0.017]),
        case("per_column", &[3, 6], &[6, 4], &[0.01, 0.02, 0.015, 0.03]),
        constant("constant_matrix", &[5, 7], &[7, 3], &[0.013]),
        constant("batch_of_rows", &[2, 3, 9], &[9, 6], &[0.01, 0.02, 0.015, 0.03, 0.001, 0.02]),
        fused("one_row", &[1, 37], &[37, 21], Tensor::scalar(-7i8), Some([-7, 100])),
        fused("many_rows", &[41, 18], &[18, 34], Tensor::scalar(120u8), None),
    ]
}
