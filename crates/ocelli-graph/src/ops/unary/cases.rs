use ocelli_tensor::{DType, Tensor};

use super::{Unary, UnaryKind};
use crate::Case;
use crate::ops::util::{case_tensor, random_f32};

/// Cases of the unary functions: random numbers over the interesting range, the ends of the range, integers.
pub fn cases() -> Vec<Case> {
    use UnaryKind::*;
    // `low` and `high` bound the random numbers.
    let random = |low: f64, high: f64, seed: u64| {
        let x = random_f32(&[2, 3, 5, 7], seed);
        let values: Vec<f64> = x.to_f64s().iter().map(|v| low + (v + 1.0) / 2.0 * (high - low)).collect();
        case_tensor(DType::F32, x.shape(), &values)
    };
    let near = |kind: UnaryKind| (kind, -4.0, 4.0);
    let floats = [
        near(Abs),
        (Acos, -1.0, 1.0),
        (Acosh, 1.0, 9.0),
        (Asin, -1.0, 1.0),
        near(Asinh),
        near(Atan),
        (Atanh, -0.99, 0.99),
        near(Ceil),
        near(Celu { alpha: 2.0 }),
        near(Cos),
        near(Cosh),
        near(Elu { alpha: 1.5 }),
        near(Erf),
        near(Exp),
        near(Floor),
        near(Gelu { tanh: false }),
        near(Gelu { tanh: true }),
        near(HardSigmoid { alpha: 0.3, beta: 0.4 }),
        near(HardSwish),
        near(Identity),
        near(IsInf { detect_negative: true, detect_positive: true }),
        near(IsNaN),
        near(LeakyRelu { alpha: 0.2 }),
        (Log, 0.01, 9.0),
        near(Mish),
        near(Neg),
        (Reciprocal, 0.5, 4.0),
        near(Relu),
        near(Round),
        near(Selu { alpha: 1.6732632, gamma: 1.050701 }),
        near(Shrink { lambd: 1.5, bias: 0.5 }),
        near(Sigmoid),
        near(Sign),
        near(Sin),
        near(Sinh),
        near(Softplus),
        near(Softsign),
        (Sqrt, 0.0, 9.0),
        near(Swish { alpha: 1.7 }),
        (Tan, -1.4, 1.4),
        near(Tanh),
        near(ThresholdedRelu { alpha: 1.2 }),
    ];
    let suffix = |kind: UnaryKind| if kind == (Gelu { tanh: true }) { "_tanh" } else { "" };
    let mut all: Vec<Case> = floats
        .into_iter()
        .enumerate()
        .map(|(i, (kind, low, high))| Case::new(&format!("random{}", suffix(kind)), Unary { kind }, vec![random(low, high, i as u64)]))
        .collect();
    // The ends of the range; functions whose results differ in the last places there are left out.
    let ends = || {
        let (inf, nan) = (f64::INFINITY, f64::NAN);
        case_tensor(DType::F32, &[1, 13], &[0.0, -0.0, inf, -inf, nan, 1e30, -1e30, 100.0, -100.0, 0.5, -2.5, 1e-30, 88.0])
    };
    for kind in [
        Abs, Atan, Ceil, Celu { alpha: 1.0 }, Elu { alpha: 1.0 }, Erf, Floor, Gelu { tanh: false }, Gelu { tanh: true },
        HardSigmoid { alpha: 0.2, beta: 0.5 }, HardSwish, IsInf { detect_negative: false, detect_positive: true }, IsNaN,
        LeakyRelu { alpha: 0.1 }, Mish, Neg, Relu, Round, Selu { alpha: 1.6, gamma: 1.05 }, Shrink { lambd: 0.5, bias: 0.0 },
        Sigmoid, Sign, Softplus, Softsign, Swish { alpha: 1.0 }, Tanh, ThresholdedRelu { alpha: 1.0 },
    ] {
        all.push(Case::new(&format!("ends{}", suffix(kind)), Unary { kind }, vec![ends()]));
    }
    let signed = Tensor::vector(vec![0i32, 1, -1, i32::MAX, i32::MIN, 77, -12]);
    for kind in [Abs, Neg, Sign, Relu, BitwiseNot, Identity] {
        all.push(Case::new("i32", Unary { kind }, vec![signed.clone()]));
        all.push(Case::new("u8", Unary { kind }, vec![Tensor::vector(vec![0u8, 1, 255, 128, 77])]));
        all.push(Case::new("i64", Unary { kind }, vec![Tensor::vector(vec![0i64, i64::MIN, i64::MAX, -5])]));
    }
    all.push(Case::new("bool", Unary { kind: Not }, vec![case_tensor(DType::Bool, &[2, 3], &[1.0, 0.0, 0.0, 1.0, 1.0, 0.0])]));
    all.push(Case::new("f16", Unary { kind: Exp }, vec![case_tensor(DType::F16, &[2, 3], &[1.0, 0.0, -2.0, 3.0, 4.5, -9.0])]));
    all
}
