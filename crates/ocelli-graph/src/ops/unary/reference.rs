use ocelli_tensor::Tensor;

use super::{Unary, UnaryKind};
use crate::operator::Outputs;
use crate::ops::numbers::{erf, from_ints, ints, max, min};
use crate::ops::util::required;

pub(super) fn evaluate(op: &Unary, inputs: &[Option<Tensor>]) -> Outputs {
    let x = required(inputs, 0)?;
    if op.kind == UnaryKind::Identity {
        return Ok(vec![x.clone()]);
    }
    let bools = |f: &dyn Fn(f64) -> bool| -> Outputs {
        let values: Vec<bool> = x.to_f64s().into_iter().map(f).collect();
        Ok(vec![Tensor::from_bools(x.shape(), &values)?])
    };
    match op.kind {
        UnaryKind::IsNaN => return bools(&f64::is_nan),
        UnaryKind::IsInf { detect_negative, detect_positive } => {
            return bools(&|x| (detect_negative && x == f64::NEG_INFINITY) || (detect_positive && x == f64::INFINITY));
        }
        _ => {}
    }
    if !x.dtype().is_float() {
        if let Some(f) = of_int(op.kind) {
            let values: Vec<i128> = ints(x).into_iter().map(f).collect();
            return Ok(vec![from_ints(x.dtype(), x.shape(), &values)?]);
        }
    }
    let values: Vec<f64> = x.to_f64s().into_iter().map(|x| of_float(op.kind, x)).collect();
    Ok(vec![Tensor::from_f64s(x.dtype(), x.shape(), &values)?])
}

/// The functions that are exact for integers and bool.
fn of_int(kind: UnaryKind) -> Option<fn(i128) -> i128> {
    Some(match kind {
        UnaryKind::Abs => i128::abs,
        UnaryKind::Neg => |x| -x,
        UnaryKind::Sign => i128::signum,
        UnaryKind::Relu => |x| x.max(0),
        UnaryKind::Ceil | UnaryKind::Floor | UnaryKind::Round => |x| x,
        UnaryKind::BitwiseNot => |x| !x,
        UnaryKind::Not => |x| i128::from(x == 0),
        _ => return None,
    })
}

fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

fn softplus(x: f64) -> f64 {
    max(x, 0.0) + (-x.abs()).exp().ln_1p()
}

fn of_float(kind: UnaryKind, x: f64) -> f64 {
    use UnaryKind::*;
    match kind {
        Abs => x.abs(),
        Acos => x.acos(),
        Acosh => x.acosh(),
        Asin => x.asin(),
        Asinh => x.asinh(),
        Atan => x.atan(),
        Atanh => x.atanh(),
        Ceil => x.ceil(),
        Celu { alpha } => {
            let a = f64::from(alpha);
            max(x, 0.0) + min(0.0, a * (x / a).exp_m1())
        }
        Cos => x.cos(),
        Cosh => x.cosh(),
        Elu { alpha } => if x > 0.0 { x } else { f64::from(alpha) * x.exp_m1() },
        Erf => erf(x),
        Exp => x.exp(),
        Floor => x.floor(),
        Gelu { tanh: false } => 0.5 * x * (1.0 + erf(x / std::f64::consts::SQRT_2)),
        Gelu { tanh: true } => {
            0.5 * x * (1.0 + ((2.0 / std::f64::consts::PI).sqrt() * (x + 0.044_715 * x * x * x)).tanh())
        }
        HardSigmoid { alpha, beta } => max(0.0, min(1.0, f64::from(alpha) * x + f64::from(beta))),
        HardSwish => x * max(0.0, min(1.0, x / 6.0 + 0.5)),
        LeakyRelu { alpha } => if x >= 0.0 { x } else { f64::from(alpha) * x },
        Log => x.ln(),
        Mish => x * softplus(x).tanh(),
        Neg => -x,
        Reciprocal => 1.0 / x,
        Relu => max(x, 0.0),
        Round => x.round_ties_even(),
        Selu { alpha, gamma } => f64::from(gamma) * if x > 0.0 { x } else { f64::from(alpha) * x.exp_m1() },
        Shrink { lambd, bias } => {
            let (lambd, bias) = (f64::from(lambd), f64::from(bias));
            if x < -lambd {
                x + bias
            } else if x > lambd {
                x - bias
            } else if x.is_nan() {
                x
            } else {
                0.0
            }
        }
        Sigmoid => sigmoid(x),
        Sign => if x == 0.0 || x.is_nan() { x } else { x.signum() },
        Sin => x.sin(),
        Sinh => x.sinh(),
        Softplus => softplus(x),
        Softsign => x / (1.0 + x.abs()),
        Sqrt => x.sqrt(),
        Swish { alpha } => x * sigmoid(f64::from(alpha) * x),
        Tan => x.tan(),
        Tanh => x.tanh(),
        ThresholdedRelu { alpha } => if x > f64::from(alpha) || x.is_nan() { x } else { 0.0 },
        Identity => x,
        // These are handled for their own dtypes above.
        BitwiseNot | Not | IsNaN | IsInf { .. } => f64::from(u8::from(x == 0.0)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn apply(kind: UnaryKind, x: &Tensor) -> Tensor {
        evaluate(&Unary { kind }, &[Some(x.clone())]).unwrap().remove(0)
    }

    #[test]
    fn nan_stays_nan_in_every_float_function() {
        let x = Tensor::vector(vec![f32::NAN]);
        for case in super::super::cases::cases() {
            let crate::Op::Unary(op) = &case.op else { continue };
            let skip = matches!(op.kind, UnaryKind::IsNaN | UnaryKind::IsInf { .. } | UnaryKind::Not | UnaryKind::BitwiseNot);
            if !skip {
                assert!(apply(op.kind, &x).to_f64s()[0].is_nan(), "{:?}", op.kind);
            }
        }
        assert_eq!(apply(UnaryKind::IsNaN, &x).dtype(), ocelli_tensor::DType::Bool);
    }

    #[test]
    fn integers_are_exact_and_wrap() {
        let x = Tensor::vector(vec![i64::MIN, i64::MAX, -3]);
        assert_eq!(apply(UnaryKind::Abs, &x).to_i64s(), [i64::MIN, i64::MAX, 3]);
        assert_eq!(apply(UnaryKind::Neg, &x).to_i64s(), [i64::MIN, -i64::MAX, 3]);
        assert_eq!(apply(UnaryKind::BitwiseNot, &Tensor::vector(vec![0u8, 0xf0])).to_i64s(), [255, 15]);
        assert_eq!(apply(UnaryKind::Relu, &x).to_i64s(), [0, i64::MAX, 0]);
    }

    #[test]
    fn published_values() {
        let one = Tensor::vector(vec![1.0f32]);
        let near = |kind, want: f64| {
            let got = apply(kind, &one).to_f64s()[0];
            assert!((got - want).abs() < 1e-6, "{kind:?}: {got}, expected {want}");
        };
        near(UnaryKind::Mish, 0.865098);
        near(UnaryKind::Gelu { tanh: false }, 0.841345);
        near(UnaryKind::Gelu { tanh: true }, 0.841192);
        near(UnaryKind::Swish { alpha: 1.0 }, 0.731059);
        near(UnaryKind::Softplus, 1.313262);
        near(UnaryKind::HardSwish, 0.666667);
        let halves = Tensor::vector(vec![0.5f32, 1.5, 2.5, -0.5, -1.5]);
        assert_eq!(apply(UnaryKind::Round, &halves).to_f64s(), [0.0, 2.0, 2.0, 0.0, -2.0]);
    }
}
