use ocelli_tensor::{DType, Tensor};

use super::{Binary, BinaryKind};
use crate::Case;
use crate::ops::util::{case_tensor, random_f32};

/// Cases of the binary functions: broadcasting on both sides, the ends of the range, integers that wrap.
pub fn cases() -> Vec<Case> {
    use BinaryKind::*;
    let case = |name: &str, kind, inputs| Case::new(name, Binary { kind }, inputs);
    let scaled = |shape: &[usize], seed| {
        let x = random_f32(shape, seed);
        case_tensor(DType::F32, shape, &x.to_f64s().iter().map(|v| (v * 40.0).round() / 8.0).collect::<Vec<_>>())
    };
    let mut all = Vec::new();
    for kind in [Add, Div, Equal, Greater, GreaterOrEqual, Less, LessOrEqual, Mod { fmod: true }, Mul, Sub] {
        all.push(case("same_shape", kind, vec![scaled(&[2, 3, 5, 7], 1), random_f32(&[2, 3, 5, 7], 2)]));
        all.push(case("both_broadcast", kind, vec![scaled(&[3, 1, 7], 3), scaled(&[2, 1, 5, 1], 4)]));
        all.push(case("scalar", kind, vec![scaled(&[3, 4], 5), Tensor::scalar(1.5f32)]));
        let (inf, nan) = (f64::INFINITY, f64::NAN);
        let ends = case_tensor(DType::F32, &[7], &[inf, -inf, nan, 0.0, -0.0, 1.0, -5.5]);
        let other = case_tensor(DType::F32, &[5, 1], &[2.0, inf, nan, -3.0, 0.0]);
        all.push(case("ends", kind, vec![ends, other]));
        all.push(case("i32", kind, vec![Tensor::vector(vec![i32::MAX, i32::MIN, -7, 7, 5, 0]), Tensor::vector(vec![3i32, -1, 2, -2, 5, 9])]));
        all.push(case("u8", kind, vec![Tensor::vector(vec![250u8, 3, 7]), Tensor::vector(vec![10u8, 5, 7])]));
        all.push(case("u32", kind, vec![Tensor::vector(vec![u32::MAX, 3, 7]), Tensor::vector(vec![10u32, 5, 7])]));
        all.push(case("i64", kind, vec![Tensor::vector(vec![i64::MAX, 3, -7]), Tensor::vector(vec![10i64, 5, 4])]));
    }
    for (name, right) in [
        ("vectors", &[3, 6, 8][..]),
        ("vectors_per_channel", &[3, 1, 1]),
        ("vectors_per_column", &[8]),
        ("vectors_per_row", &[6, 1]),
    ] {
        all.push(case(name, Sub, vec![random_f32(&[3, 6, 8], 11), random_f32(right, 12)]));
    }
    let ints = |n: i32| case_tensor(DType::I32, &[4, 8], &(0..32).map(|i| f64::from(i * n - 40)).collect::<Vec<_>>());
    all.push(case("vectors_i32", Mul, vec![ints(3), ints(-7)]));
    all.push(case("vectors_bool", Greater, vec![random_f32(&[4, 8], 13), random_f32(&[4, 8], 14)]));
    let signs = || vec![Tensor::vector(vec![-4i32, 7, 5, 4, -7, 8]), Tensor::vector(vec![2i32, -3, 8, -2, 3, 5])];
    all.push(case("python_sign", Mod { fmod: false }, signs()));
    all.push(case("c_sign", Mod { fmod: true }, signs()));
    all.push(case("f16", Mod { fmod: true }, vec![
        case_tensor(DType::F16, &[6], &[-4.3, 7.2, 5.0, 4.3, -7.2, 8.0]),
        case_tensor(DType::F16, &[6], &[2.1, -3.4, 8.0, -2.1, 3.4, 5.0]),
    ]));
    let positive = || case_tensor(DType::F32, &[2, 5], &[0.1, 0.5, 1.0, 2.0, 9.0, 3.0, 0.0, 4.0, 1.5, 0.7]);
    all.push(case("positive", Pow, vec![positive(), case_tensor(DType::F32, &[5], &[0.0, 0.5, -1.0, 3.0, 2.2])]));
    all.push(case("negative_base", Pow, vec![
        Tensor::vector(vec![-2.0f32, -2.0, -3.0, -1.5, -2.0]),
        Tensor::vector(vec![3.0f32, 2.0, -1.0, 4.0, 0.5]),
    ]));
    all.push(case("mixed", Pow, vec![Tensor::vector(vec![1.5f32, -2.0, 3.0]), Tensor::vector(vec![2i64, 3, -1])]).constants_from(1));
    all.push(case("i32", Pow, vec![Tensor::vector(vec![3i32, -2, 7]), Tensor::vector(vec![4i32, 5, 0])]));
    all.push(case("per_channel", PRelu, vec![random_f32(&[2, 3, 4, 5], 7), random_f32(&[3, 1, 1], 8)]).constants_from(1));
    all.push(case("one_slope", PRelu, vec![random_f32(&[3, 4], 9), Tensor::vector(vec![0.25f32])]).constants_from(1));
    all.push(case("i32", PRelu, vec![Tensor::vector(vec![-3i32, 4, 0]), Tensor::vector(vec![2i32, 2, 2])]));
    let bools = |shape: &[usize], bits: &[u8]| case_tensor(DType::Bool, shape, &bits.iter().map(|&b| f64::from(b)).collect::<Vec<_>>());
    for kind in [And, Or, Xor, Equal] {
        all.push(case("bool", kind, vec![bools(&[2, 2, 1], &[0, 1, 1, 0]), bools(&[3], &[1, 0, 1])]));
    }
    for kind in [BitwiseAnd, BitwiseOr, BitwiseXor] {
        all.push(case("bits_i32", kind, vec![Tensor::vector(vec![-4i32, 77, i32::MIN]), Tensor::vector(vec![12i32, -1, 5])]));
        all.push(case("bits_u8", kind, vec![Tensor::vector(vec![200u8, 77, 1]), Tensor::vector(vec![12u8, 255, 5])]));
    }
    for right in [false, true] {
        let name = |dtype: &str| format!("{dtype}_{}", if right { "right" } else { "left" });
        let kind = BitShift { right };
        all.push(case(&name("u32"), kind, vec![Tensor::vector(vec![16u32, 4, u32::MAX, 3]), Tensor::vector(vec![1u32, 2, 31, 32])]));
        all.push(case(&name("u8"), kind, vec![Tensor::vector(vec![200u8, 4, 255]), Tensor::vector(vec![1u8, 2, 8])]));
    }
    all
}
