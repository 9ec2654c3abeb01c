use ocelli_tensor::DType;

use super::Slice;
use crate::Case;
use crate::ops::movement::iota;
use crate::ops::util::{i64s, random_f32};

/// Cases of Slice.
pub fn cases() -> Vec<Case> {
    let x = || random_f32(&[3, 5, 4, 7], 1);
    vec![
        Case::new("channels", Slice, vec![x(), i64s(&[1]), i64s(&[4]), i64s(&[1])]).constants_from(1),
        Case::new(
            "negative_steps",
            Slice,
            vec![x(), i64s(&[-1, 100, 0]), i64s(&[-100, 0, 3]), i64s(&[3, 1, -2]), i64s(&[-2, -3, 1])],
        )
        .constants_from(1),
        Case::new("default_axes", Slice, vec![x(), i64s(&[1, 2]), i64s(&[3, i64::MAX])]).constants_from(1),
        Case::new("empty", Slice, vec![x(), i64s(&[4]), i64s(&[2]), i64s(&[1])]).constants_from(1),
        Case::new("uint8", Slice, vec![iota(DType::U8, &[4, 6]), i64s(&[5]), i64s(&[0]), i64s(&[1]), i64s(&[-2])])
            .constants_from(1),
    ]
}
