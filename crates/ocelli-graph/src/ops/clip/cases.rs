use ocelli_tensor::Tensor;

use super::Clip;
use crate::Case;
use crate::ops::util::random_f32;

/// Cases of Clip: both bounds, one, none, reversed, computed ones, NaN, integers.
pub fn cases() -> Vec<Case> {
    let x = || random_f32(&[2, 3, 5, 7], 1);
    let (low, high) = (|| Tensor::scalar(-0.25f32), || Tensor::scalar(0.5f32));
    let mut only_max = Case::new("only_max", Clip, vec![x(), low(), high()]).constants_from(1);
    only_max.inputs[1] = None;
    vec![
        Case::new("both", Clip, vec![x(), low(), high()]).constants_from(1),
        Case::new("computed", Clip, vec![x(), low(), high()]),
        Case::new("reversed", Clip, vec![x(), high(), low()]).constants_from(1),
        Case::new("only_min", Clip, vec![x(), low()]).constants_from(1),
        only_max,
        Case::new("none", Clip, vec![x()]),
        Case::new("ends", Clip, vec![
            Tensor::vector(vec![f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 0.1]),
            low(),
            Tensor::scalar(f32::INFINITY),
        ])
        .constants_from(1),
        Case::new("i32", Clip, vec![Tensor::vector(vec![i32::MIN, 5, 77]), Tensor::scalar(-4i32), Tensor::scalar(9i32)]),
        Case::new("u8", Clip, vec![Tensor::vector(vec![0u8, 5, 255]), Tensor::scalar(4u8), Tensor::scalar(200u8)]).constants_from(1),
        Case::new("i64", Clip, vec![Tensor::vector(vec![i64::MIN, 5, 77]), Tensor::scalar(-4i64), Tensor::scalar(9i64)]),
    ]
}
