use ocelli_tensor::{DType, Tensor};

use super::Trilu;
use crate::Case;
use crate::ops::movement::iota;
use crate::ops::util::random_f32;

/// Cases of Trilu.
pub fn cases() -> Vec<Case> {
    let x = || random_f32(&[2, 4, 5], 1);
    vec![
        Case::new("upper", Trilu { upper: true }, vec![x()]),
        Case::new("lower_above", Trilu { upper: false }, vec![x(), Tensor::scalar(2i64)]).constants_from(1),
        Case::new("upper_below", Trilu { upper: true }, vec![x(), Tensor::scalar(-1i64)]).constants_from(1),
        Case::new("int32", Trilu { upper: false }, vec![iota(DType::I32, &[5, 3])]),
    ]
}
