use ocelli_tensor::DType;

use super::Concat;
use crate::Case;
use crate::ops::movement::iota;
use crate::ops::util::random_f32;

/// Cases of Concat.
pub fn cases() -> Vec<Case> {
    let x = |shape: &[usize], seed| random_f32(shape, seed);
    vec![
        Case::new("channels", Concat { axis: 1 }, vec![x(&[2, 3, 5, 7], 1), x(&[2, 1, 5, 7], 2), x(&[2, 6, 5, 7], 3)]),
        Case::new("negative_axis", Concat { axis: -1 }, vec![x(&[3, 4], 1), x(&[3, 9], 2)]),
        Case::new("with_constant", Concat { axis: 2 }, vec![x(&[1, 2, 5], 1), x(&[1, 2, 3], 2)]).constants_from(1),
        Case::new("empty_part", Concat { axis: 0 }, vec![x(&[0, 4], 1), x(&[3, 4], 2)]),
        Case::new("int32", Concat { axis: 0 }, vec![iota(DType::I32, &[2, 3]), iota(DType::I32, &[1, 3])]),
        Case::new("uint8", Concat { axis: 1 }, vec![iota(DType::U8, &[2, 3]), iota(DType::U8, &[2, 2])]),
    ]
}
