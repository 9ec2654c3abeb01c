use ocelli_shaders::pointwise::{Arg, Fun, Literal};
use ocelli_tensor::DType;

use super::{Builder, Operand, cast};
use crate::OpError;
use crate::ops::quantization::range;
use crate::ops::quantize_linear::QuantizeLinear;

/// `round_half_even(x / scale) + zero`, saturated to `to`.
pub(super) fn quantize(
    op: &QuantizeLinear,
    x: Operand,
    scale: Operand,
    zero: Option<Operand>,
    to: DType,
    b: &mut Builder,
) -> Result<Operand, OpError> {
    let (low, high) = range(to)?;
    let division = op.division(scale.dtype);
    let (x, scale) = (cast::emit(x, DType::F32, b)?, cast::emit(scale, DType::F32, b)?);
    let quotient = b.step(Fun::DivPrecise, &[x, scale], DType::F32);
    let quotient = match division {
        DType::F16 => b.step(Fun::RoundF16, &[quotient], DType::F32),
        DType::BF16 => b.step(Fun::RoundBF16, &[quotient], DType::F32),
        DType::F32 => quotient,
        other => return Err(OpError::host_only(format!("a division in {other}"))),
    };
    let mut y = b.step(Fun::Round, &[quotient], DType::F32);
    if let Some(zero) = zero {
        let zero = match float(zero) {
            Some(zero) => zero,
            None => cast::emit(zero, DType::F32, b)?,
        };
        y = b.step(Fun::Add, &[y, zero], DType::F32);
    }
    let y = b.step(Fun::Clip, &[y, Operand::float(low as f32), Operand::float(high as f32)], DType::F32);
    Ok(b.step(Fun::ToInt, &[y], to))
}

/// A known integer as a float, which kernels read from their parameters: quantisations then share a kernel.
fn float(zero: Operand) -> Option<Operand> {
    match zero.arg {
        Arg::Literal(Literal::I32(zero)) => Some(Operand::float(zero as f32)),
        Arg::Literal(Literal::U32(zero)) => Some(Operand::float(zero as f32)),
        _ => None,
    }
}

/// `(x - zero) * scale`
pub(super) fn dequantize(
    x: Operand,
    scale: Operand,
    zero: Option<Operand>,
    to: DType,
    b: &mut Builder,
) -> Result<Operand, OpError> {
    let narrow = matches!(x.dtype, DType::I8 | DType::U8 | DType::I16 | DType::U16);
    let difference = match zero {
        Some(zero) if narrow && float(zero).is_some() => {
            let x = cast::emit(x, DType::F32, b)?;
            b.step(Fun::Sub, &[x, float(zero).unwrap_or(zero)], DType::F32)
        }
        Some(zero) => {
            let (x, zero) = (cast::emit(x, DType::I32, b)?, cast::emit(zero, DType::I32, b)?);
            b.step(Fun::Sub, &[x, zero], DType::I32)
        }
        None => x,
    };
    let difference = cast::emit(difference, DType::F32, b)?;
    let y = b.step(Fun::Mul, &[difference, scale], DType::F32);
    cast::emit(y, to, b)
}
