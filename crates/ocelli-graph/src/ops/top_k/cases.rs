use super::TopK;
use crate::Case;
use crate::ops::util::{case_tensor, i64s, random_f32};
use ocelli_tensor::DType;

/// Cases of TopK: both ends, inner and outer axes, ties.
pub fn cases() -> Vec<Case> {
    let op = |axis, largest| TopK { axis, largest, sorted: true };
    let ties: Vec<f64> = (0..35).map(|i| f64::from(i * 5 % 3)).collect();
    vec![
        Case::new("last", op(-1, true), vec![random_f32(&[3, 50], 1), i64s(&[5])]).constants_from(1).outputs(2),
        Case::new("channels_smallest", op(1, false), vec![random_f32(&[2, 9, 3, 5], 2), i64s(&[4])])
            .constants_from(1)
            .outputs(2),
        Case::new("ties", op(1, true), vec![case_tensor(DType::F32, &[5, 7], &ties), i64s(&[3])])
            .constants_from(1)
            .outputs(2),
        Case::new("one", op(0, true), vec![random_f32(&[7, 4], 4), i64s(&[1])]).constants_from(1).outputs(2),
    ]
}
