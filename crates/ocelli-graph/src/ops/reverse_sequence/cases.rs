use super::ReverseSequence;
use crate::Case;
use crate::ops::util::{i64s, random_f32};

/// Cases of ReverseSequence.
pub fn cases() -> Vec<Case> {
    let op = |batch_axis, time_axis| ReverseSequence { batch_axis, time_axis };
    let x = || random_f32(&[4, 3, 2], 1);
    vec![
        Case::new("time_first", op(1, 0), vec![x(), i64s(&[4, 2, 0])]).constants_from(1),
        Case::new("batch_first", op(0, 1), vec![x(), i64s(&[3, 1, 2, 3])]).constants_from(1),
        Case::new("lengths_at_run_time", op(1, 0), vec![x(), i64s(&[1, 3, 4])]),
    ]
}
