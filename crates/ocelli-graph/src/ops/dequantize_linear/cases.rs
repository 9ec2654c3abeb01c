use ocelli_tensor::{DType, Tensor};

use super::DequantizeLinear;
use crate::Case;
use crate::ops::util::{case_tensor, random_f32};

/// Cases of DequantizeLinear: per tensor, per axis, in blocks; every integer dtype.
pub fn cases() -> Vec<Case> {
    let spread = |dtype, shape: &[usize], seed, scale: f64| {
        case_tensor(dtype, shape, &random_f32(shape, seed).to_f64s().iter().map(|x| (x * scale).round()).collect::<Vec<_>>())
    };
    let op = DequantizeLinear::default;
    let case = |name: &str, op, inputs| Case::new(name, op, inputs).constants_from(1);
    let scales = || Tensor::vector(vec![0.5f32, 1.25, 0.02]);
    vec![
        case("per_tensor", op(), vec![spread(DType::U8, &[2, 3, 5, 7], 1, 255.0), Tensor::scalar(0.03f32), Tensor::scalar(100u8)]),
        case("no_zero_point", op(), vec![spread(DType::I32, &[2, 3, 5], 2, 70_000.0), Tensor::scalar(2.0f32)]),
        case("per_axis", op(), vec![spread(DType::I8, &[2, 3, 5, 7], 3, 127.0), scales(), Tensor::vector(vec![3i8, -4, 0])]),
        case("last_axis", DequantizeLinear { axis: -1, ..op() }, vec![spread(DType::U16, &[4, 3], 4, 60_000.0), scales(), Tensor::vector(vec![3u16, 4, 0])]),
        case("blocked", DequantizeLinear { axis: 1, block_size: 3, ..op() }, vec![
            spread(DType::U8, &[2, 5, 3], 6, 255.0),
            case_tensor(DType::F32, &[2, 2, 3], &[1.0, 2.0, 3.0, 4.0, 0.5, 0.25, 1.0, 1.5, 2.0, 8.0, 9.0, 2.5]),
            case_tensor(DType::U8, &[2, 2, 3], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0, 128.0]),
        ]),
        Case::new("computed_scale", op(), vec![spread(DType::I16, &[2, 3], 7, 9999.0), Tensor::scalar(1.5f32), Tensor::scalar(9i16)]),
        case("to_f16", DequantizeLinear { output_dtype: Some(DType::F16), ..op() }, vec![spread(DType::I8, &[2, 3], 8, 127.0), Tensor::scalar(0.1f32)]),
    ]
}
