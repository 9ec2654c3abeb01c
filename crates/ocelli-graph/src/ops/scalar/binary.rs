use ocelli_shaders::pointwise::{Arg, Fun, Literal};
use ocelli_tensor::DType;

use super::{Builder, Operand, cast, finite};
use crate::OpError;
use crate::ops::binary::BinaryKind;
use crate::ops::variadic::VariadicKind;

pub(super) fn emit(kind: BinaryKind, x: Operand, y: Operand, b: &mut Builder) -> Result<Operand, OpError> {
    use BinaryKind::*;
    let dtype = x.dtype;
    let compared = |fun, b: &mut Builder| Ok(b.step(fun, &[x, y], DType::Bool));
    let fun = match kind {
        Equal => return compared(Fun::Equal, b),
        Greater => return compared(Fun::Greater, b),
        GreaterOrEqual => return compared(Fun::GreaterOrEqual, b),
        Less => return compared(Fun::Less, b),
        LessOrEqual => return compared(Fun::LessOrEqual, b),
        And => return compared(Fun::And, b),
        Or => return compared(Fun::Or, b),
        Xor => return compared(Fun::Xor, b),
        // Of 64-bit integers that fit in 32 bits, these fit too.
        BitwiseAnd => return Ok(b.step(Fun::And, &[x, y], dtype)),
        BitwiseOr => return Ok(b.step(Fun::Or, &[x, y], dtype)),
        BitwiseXor => return Ok(b.step(Fun::Xor, &[x, y], dtype)),
        Add => Fun::Add,
        Sub => Fun::Sub,
        Mul => Fun::Mul,
        Div => Fun::Div,
        Mod { fmod: true } => Fun::Rem,
        Mod { fmod: false } => Fun::Mod,
        PRelu => Fun::PRelu,
        Pow => {
            if !dtype.is_float() && y.dtype.is_float() {
                return Err(OpError::host_only("an integer to a fractional power"));
            }
            let exponent = if dtype.is_float() { cast::emit(y, DType::F32, b)? } else { y };
            if !dtype.is_float() && dtype.is_signed() != y.dtype.is_signed() {
                return Err(OpError::host_only("a power of mixed signedness"));
            }
            let power = b.step(Fun::Pow, &[x, exponent], dtype);
            return b.wrapped(power);
        }
        BitShift { right } => {
            let bits = Operand { arg: Arg::Literal(Literal::U32(dtype.size_bytes() as u32 * 8)), dtype: DType::U32 };
            let fun = if right { Fun::ShiftRight } else { Fun::ShiftLeft };
            let shifted = b.step(fun, &[x, y, bits], dtype);
            return b.wrapped(shifted);
        }
    };
    let result = b.step(fun, &[x, y], dtype);
    b.wrapped(result)
}

pub(super) fn variadic(kind: VariadicKind, x: Operand, y: Operand, b: &mut Builder) -> Result<Operand, OpError> {
    match kind {
        VariadicKind::Max => Ok(b.step(Fun::Max, &[x, y], x.dtype)),
        VariadicKind::Min => Ok(b.step(Fun::Min, &[x, y], x.dtype)),
        VariadicKind::Mean if !x.dtype.is_float() => Err(OpError::host_only("the mean of integers")),
        VariadicKind::Sum | VariadicKind::Mean => emit(BinaryKind::Add, x, y, b),
    }
}

/// `x / count`, the last step of a mean.
pub fn divide_by_count(x: Operand, count: usize, b: &mut Builder) -> Result<Operand, OpError> {
    if !x.dtype.is_float() {
        return Err(OpError::host_only("the mean of integers"));
    }
    Ok(b.step(Fun::Div, &[x, Operand::float(count as f32)], x.dtype))
}

pub(super) fn clip(x: Operand, low: Option<Operand>, high: Option<Operand>, b: &mut Builder) -> Operand {
    match (low, high) {
        (Some(low), Some(high)) if finite(low) && finite(high) => b.step(Fun::Clip, &[x, low, high], x.dtype),
        (low, high) => {
            let x = low.map_or(x, |low| b.step(Fun::Max, &[x, low], x.dtype));
            high.map_or(x, |high| b.step(Fun::Min, &[x, high], x.dtype))
        }
    }
}
