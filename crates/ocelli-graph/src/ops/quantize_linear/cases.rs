use ocelli_tensor::{DType, Tensor};

use super::QuantizeLinear;
use crate::Case;
use crate::ops::util::{case_tensor, random_f32};

/// Cases of QuantizeLinear: per tensor, per axis, in blocks; halves, saturation, every integer dtype.
pub fn cases() -> Vec<Case> {
    let spread = |shape: &[usize], seed| {
        case_tensor(DType::F32, shape, &random_f32(shape, seed).to_f64s().iter().map(|x| (x * 600.0).round() / 2.0).collect::<Vec<_>>())
    };
    let op = QuantizeLinear::default;
    let case = |name: &str, op, inputs| Case::new(name, op, inputs).constants_from(1);
    let scales = || Tensor::vector(vec![0.5f32, 1.0, 2.0]);
    vec![
        case("per_tensor", op(), vec![spread(&[2, 3, 5, 7], 1), Tensor::scalar(1.0f32), Tensor::scalar(100u8)]),
        case("no_zero_point", op(), vec![spread(&[2, 3, 5], 2), Tensor::scalar(2.0f32)]),
        case("per_axis", op(), vec![spread(&[2, 3, 5, 7], 3), scales(), Tensor::vector(vec![3i8, -4, 0])]),
        case("last_axis", QuantizeLinear { axis: -1, ..op() }, vec![spread(&[4, 3], 4), scales(), Tensor::vector(vec![3u16, 4, 0])]),
        case("i16", QuantizeLinear { output_dtype: Some(DType::I16), ..op() }, vec![spread(&[4, 3], 5), Tensor::scalar(0.001f32)]),
        case("blocked", QuantizeLinear { axis: 1, block_size: 3, ..op() }, vec![
            spread(&[2, 5, 3], 6),
            case_tensor(DType::F32, &[2, 2, 3], &[1.0, 2.0, 3.0, 4.0, 0.5, 0.25, 1.0, 1.5, 2.0, 8.0, 9.0, 2.5]),
            case_tensor(DType::U8, &[2, 2, 3], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0, 128.0]),
        ]),
        case("infinities", op(), vec![Tensor::vector(vec![f32::INFINITY, f32::NEG_INFINITY, 1e30, -0.5, 0.5, 1.5]), Tensor::scalar(1.0f32), Tensor::scalar(7i8)]),
        Case::new("computed_scale", op(), vec![spread(&[2, 3], 7), Tensor::scalar(1.5f32), Tensor::scalar(9u8)]),
        case("i32", op(), vec![Tensor::vector(vec![10i32, -20, 4000]), Tensor::scalar(4.0f32), Tensor::scalar(9u8)]),
        case("f16", op(), vec![case_tensor(DType::F16, &[2, 2], &[0.1, -3.0, 7.5, 9.0]), case_tensor(DType::F16, &[], &[0.3]), Tensor::scalar(9u8)]),
    ]
}
