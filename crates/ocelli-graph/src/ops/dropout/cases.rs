use ocelli_tensor::{DType, Tensor};

use super::Dropout;
use crate::Case;
use crate::ops::util::{case_tensor, random_f32};

/// Cases of Dropout: with and without the mask, training mode with ratio 0.
pub fn cases() -> Vec<Case> {
    let x = || random_f32(&[2, 3, 5, 7], 1);
    let training = case_tensor(DType::Bool, &[], &[1.0]);
    vec![
        Case::new("output", Dropout, vec![x()]),
        Case::new("mask", Dropout, vec![x(), Tensor::scalar(0.1f32)]).constants_from(1).outputs(2),
        Case::new("training_with_ratio_zero", Dropout, vec![x(), Tensor::scalar(0.0f32), training]).constants_from(1).outputs(2),
    ]
}
