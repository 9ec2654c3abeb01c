use ocelli_tensor::DType;

use super::EyeLike;
use crate::Case;
use crate::ops::util::random_f32;

/// Cases of EyeLike.
pub fn cases() -> Vec<Case> {
    vec![
        Case::new("main", EyeLike::default(), vec![random_f32(&[3, 5], 1)]),
        Case::new("above", EyeLike { dtype: None, k: 2 }, vec![random_f32(&[4, 3], 1)]),
        Case::new("below_int32", EyeLike { dtype: Some(DType::I32), k: -1 }, vec![random_f32(&[4, 6], 1)]),
    ]
}
