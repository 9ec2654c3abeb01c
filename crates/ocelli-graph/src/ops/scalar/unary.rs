use ocelli_shaders::pointwise::Fun;
use ocelli_tensor::DType;

use super::{Builder, Operand};
use crate::OpError;
use crate::ops::unary::UnaryKind;

pub(super) fn emit(kind: UnaryKind, x: Operand, b: &mut Builder) -> Result<Operand, OpError> {
    use UnaryKind::*;
    let dtype = x.dtype;
    match kind {
        Identity => return Ok(x),
        Not => return Ok(b.step(Fun::Not, &[x], DType::Bool)),
        IsNaN => return Ok(b.step(Fun::IsNan, &[x], DType::Bool)),
        IsInf { detect_negative, detect_positive } => {
            let below = detect_negative.then(|| b.step(Fun::IsNegInf, &[x], DType::Bool));
            let above = detect_positive.then(|| b.step(Fun::IsPosInf, &[x], DType::Bool));
            return Ok(match (below, above) {
                (Some(x), Some(y)) => b.step(Fun::Or, &[x, y], DType::Bool),
                (Some(one), None) | (None, Some(one)) => one,
                (None, None) => {
                    let never = b.step(Fun::IsNan, &[x], DType::Bool);
                    b.step(Fun::Xor, &[never, never], DType::Bool)
                }
            });
        }
        BitwiseNot => {
            let y = b.step(Fun::BitwiseNot, &[x], dtype);
            return if dtype == DType::I64 { Ok(y) } else { b.wrapped(y) };
        }
        _ => {}
    }
    if !dtype.is_float() {
        let unsigned = !dtype.is_signed();
        return match kind {
            Ceil | Floor | Round => Ok(x),
            Abs | Relu if unsigned => Ok(x),
            Abs => {
                let y = b.step(Fun::Abs, &[x], dtype);
                b.wrapped(y)
            }
            Neg => {
                let y = b.step(Fun::Neg, &[x], dtype);
                b.wrapped(y)
            }
            Relu => Ok(b.step(Fun::Relu, &[x], dtype)),
            Sign => Ok(b.step(Fun::Sign, &[x], dtype)),
            _ => Err(OpError::host_only("a float function of integers")),
        };
    }
    let f = Operand::float;
    let (fun, more): (Fun, Vec<Operand>) = match kind {
        Abs => (Fun::Abs, vec![]),
        Acos => (Fun::Acos, vec![]),
        Acosh => (Fun::Acosh, vec![]),
        Asin => (Fun::Asin, vec![]),
        Asinh => (Fun::Asinh, vec![]),
        Atan => (Fun::Atan, vec![]),
        Atanh => (Fun::Atanh, vec![]),
        Ceil => (Fun::Ceil, vec![]),
        Celu { alpha } => (Fun::Celu, vec![f(alpha)]),
        Cos => (Fun::Cos, vec![]),
        Cosh => (Fun::Cosh, vec![]),
        Elu { alpha } => (Fun::Elu, vec![f(alpha)]),
        Erf => (Fun::Erf, vec![]),
        Exp => (Fun::Exp, vec![]),
        Floor => (Fun::Floor, vec![]),
        Gelu { tanh: false } => (Fun::Gelu, vec![]),
        Gelu { tanh: true } => (Fun::GeluTanh, vec![]),
        HardSigmoid { alpha, beta } => (Fun::HardSigmoid, vec![f(alpha), f(beta)]),
        HardSwish => (Fun::HardSwish, vec![]),
        LeakyRelu { alpha } => (Fun::LeakyRelu, vec![f(alpha)]),
        Log => (Fun::Log, vec![]),
        Mish => (Fun::Mish, vec![]),
        Neg => (Fun::Neg, vec![]),
        Reciprocal => (Fun::Reciprocal, vec![]),
        Relu => (Fun::Relu, vec![]),
        Round => (Fun::Round, vec![]),
        Selu { alpha, gamma } => (Fun::Selu, vec![f(alpha), f(gamma)]),
        Shrink { lambd, bias } => (Fun::Shrink, vec![f(lambd), f(bias)]),
        Sigmoid => (Fun::Sigmoid, vec![]),
        Sign => (Fun::Sign, vec![]),
        Sin => (Fun::Sin, vec![]),
        Sinh => (Fun::Sinh, vec![]),
        Softplus => (Fun::Softplus, vec![]),
        Softsign => (Fun::Softsign, vec![]),
        Sqrt => (Fun::Sqrt, vec![]),
        Swish { alpha } => (Fun::Swish, vec![f(alpha)]),
        Tan => (Fun::Tan, vec![]),
        Tanh => (Fun::Tanh, vec![]),
        ThresholdedRelu { alpha } => (Fun::ThresholdedRelu, vec![f(alpha)]),
        Identity | BitwiseNot | Not | IsNaN | IsInf { .. } => (Fun::Identity, vec![]),
    };
    let operands: Vec<Operand> = std::iter::once(x).chain(more).collect();
    Ok(b.step(fun, &operands, dtype))
}
