use super::{ArgKind, ArgReduce};
use crate::Case;
use crate::ops::util::{case_tensor, random_f32};
use ocelli_tensor::DType;

/// Cases of ArgMax and ArgMin: inner and outer axes, ties.
pub fn cases() -> Vec<Case> {
    let op = |kind, axis, keepdims, select_last_index| ArgReduce { kind, axis, keepdims, select_last_index };
    let ties: Vec<f64> = (0..35).map(|i| f64::from(i * 5 % 3)).collect();
    let ties = case_tensor(DType::F32, &[5, 7], &ties);
    vec![
        Case::new("channels", op(ArgKind::Max, 1, true, false), vec![random_f32(&[2, 21, 5, 3], 1)]),
        Case::new("last", op(ArgKind::Max, -1, false, false), vec![random_f32(&[3, 1000], 2)]),
        Case::new("min_first", op(ArgKind::Min, 0, false, false), vec![random_f32(&[9, 4, 3], 3)]),
        Case::new("ties_first", op(ArgKind::Max, 1, true, false), vec![ties.clone()]),
        Case::new("ties_last", op(ArgKind::Max, 1, true, true), vec![ties.clone()]),
        Case::new("min_ties_last", op(ArgKind::Min, 1, false, true), vec![ties]),
    ]
}
