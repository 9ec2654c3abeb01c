use ocelli_tensor::DType;

use super::Transpose;
use crate::Case;
use crate::ops::movement::iota;
use crate::ops::util::random_f32;

/// Cases of Transpose.
pub fn cases() -> Vec<Case> {
    let perm = |p: &[i64]| Transpose { perm: Some(p.to_vec()) };
    vec![
        Case::new("nchw_to_nhwc", perm(&[0, 2, 3, 1]), vec![random_f32(&[2, 3, 5, 7], 1)]),
        Case::new("reversed", Transpose::default(), vec![random_f32(&[2, 3, 5], 1)]),
        Case::new("six_dimensions", perm(&[0, 4, 1, 5, 2, 3]), vec![random_f32(&[1, 2, 3, 4, 5, 2], 1)]),
        Case::new("int32", perm(&[1, 0]), vec![iota(DType::I32, &[4, 3])]),
    ]
}
