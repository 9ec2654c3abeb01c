use ocelli_tensor::{DType, Tensor};

use super::{Pad, PadMode};
use crate::Case;
use crate::ops::movement::iota;
use crate::ops::util::{i64s, random_f32};

/// Cases of Pad.
pub fn cases() -> Vec<Case> {
    let x = || random_f32(&[2, 3, 5, 7], 1);
    let case = |name: &str, mode, inputs| Case::new(name, Pad { mode }, inputs).constants_from(1);
    let all = [0, 1, 2, 0, 1, 0, 3, 4];
    let mut with_axes = case("axes", PadMode::Constant, vec![x(), i64s(&[1, 2, 3, 0])]);
    with_axes.inputs.extend([None, Some(i64s(&[-1, 1]))]);
    with_axes.constant.extend([true, true]);
    vec![
        case("constant", PadMode::Constant, vec![x(), i64s(&all), Tensor::scalar(2.5f32)]),
        case("reflect", PadMode::Reflect, vec![x(), i64s(&all)]),
        case("edge", PadMode::Edge, vec![x(), i64s(&all)]),
        case("wrap", PadMode::Wrap, vec![x(), i64s(&[1, 4, 7, 2, 0, 1, 0, 9])]),
        case("crop", PadMode::Constant, vec![x(), i64s(&[0, -1, 2, -3, 0, 0, -2, 1])]),
        case("crop_and_reflect", PadMode::Reflect, vec![x(), i64s(&[0, 0, -2, 2, 0, 0, 2, -3])]),
        case("five_dimensions", PadMode::Edge, vec![random_f32(&[1, 2, 3, 4, 5], 1), i64s(&[0, 1, 1, 0, 2, 1, 0, 2, 3, 1])]),
        case("uint8", PadMode::Constant, vec![iota(DType::U8, &[4, 6]), i64s(&[1, 0, 0, 2]), Tensor::scalar(9u8)]),
        case("int32", PadMode::Constant, vec![iota(DType::I32, &[3]), i64s(&[1, 1])]),
        with_axes,
    ]
}
