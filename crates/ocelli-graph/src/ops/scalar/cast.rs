use ocelli_shaders::Elem;
use ocelli_shaders::pointwise::Fun;
use ocelli_tensor::DType;

use super::{Builder, Operand};
use crate::OpError;
use crate::plan::storage;

/// `x` as `to`, by the rules of Cast.
pub(super) fn emit(x: Operand, to: DType, b: &mut Builder) -> Result<Operand, OpError> {
    let from = x.dtype;
    let stores = |d: DType| storage(d).ok_or_else(|| OpError::host_only(format!("{d} has no device type")));
    let (source, target) = (stores(from)?, stores(to)?);
    if from == to {
        return Ok(x);
    }
    if to == DType::Bool {
        let fun = if source == Elem::F32 { Fun::FloatToBool } else { Fun::ToBool };
        return Ok(b.step(fun, &[x], to));
    }
    if target == Elem::F32 {
        let x = if source == Elem::F32 { Operand { dtype: to, ..x } } else { b.step(Fun::Cast, &[x], to) };
        return Ok(match to {
            DType::F16 => b.step(Fun::RoundF16, &[x], to),
            DType::BF16 => b.step(Fun::RoundBF16, &[x], to),
            _ => x,
        });
    }
    if source == Elem::F32 {
        if to == DType::I64 {
            return Err(OpError::host_only("a float may need all 64 bits"));
        }
        let range = match to {
            DType::I8 => Some((-128.0, 127.0)),
            DType::U8 => Some((0.0, 255.0)),
            DType::I16 => Some((-32_768.0, 32_767.0)),
            DType::U16 => Some((0.0, 65_535.0)),
            _ => None,
        };
        let x = match range {
            Some((low, high)) => b.step(Fun::Clip, &[x, Operand::float(low), Operand::float(high)], DType::F32),
            None => x,
        };
        return Ok(b.step(Fun::ToInt, &[x], to));
    }
    if to == DType::I64 {
        if from == DType::U32 {
            return Err(OpError::host_only("u32 may need all 64 bits"));
        }
        return Ok(if source == target { Operand { dtype: to, ..x } } else { b.step(Fun::Cast, &[x], to) });
    }
    let x = if source == target { Operand { dtype: to, ..x } } else { b.step(Fun::Cast, &[x], to) };
    b.wrapped(x)
}
