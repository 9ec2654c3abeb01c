use super::LpNormalization;
use crate::Case;
use crate::ops::util::{case_tensor, random_f32};
use ocelli_tensor::DType;

/// Cases of LpNormalization: both norms, inner and outer axes, a lane of zeros.
pub fn cases() -> Vec<Case> {
    let zeros = [3.0, -4.0, 0.0, 0.0, 5.0, 12.0];
    vec![
        Case::new("l2_channels", LpNormalization { axis: 1, p: 2 }, vec![random_f32(&[2, 5, 3, 7], 1)]),
        Case::new("l1_last", LpNormalization { axis: -1, p: 1 }, vec![random_f32(&[3, 130], 2)]),
        Case::new("l2_first", LpNormalization { axis: 0, p: 2 }, vec![random_f32(&[9, 4], 3)]),
        Case::new("zeros", LpNormalization { axis: -1, p: 2 }, vec![case_tensor(DType::F32, &[3, 2], &zeros)]),
    ]
}
