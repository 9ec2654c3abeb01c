use half::{bf16, f16};
use ocelli_tensor::{DType, Data, Element, Tensor};

use super::{Reduction, Scatter, ScatterKind};
use crate::ops::movement::{offset, wrapped_index};
use crate::ops::util::{for_each_index, required};
use crate::{InferCx, OpError, operator::Outputs};

/// Applies the updates in the order of the indices.
pub(super) fn evaluate(op: &Scatter, inputs: &[Option<Tensor>]) -> Outputs {
    let (x, indices, updates) = (required(inputs, 0)?, required(inputs, 1)?, required(inputs, 2)?);
    let targets = targets(op, x.shape(), indices, updates.shape())?;
    if op.reduction == Reduction::None {
        let size = x.dtype().size_bytes();
        let mut out = x.bytes().to_vec();
        for (i, &to) in targets.iter().enumerate() {
            out[to * size..(to + 1) * size].copy_from_slice(&updates.bytes()[i * size..(i + 1) * size]);
        }
        return Ok(vec![Tensor::new(x.dtype(), x.shape(), Data::new(out))?]);
    }
    let out = match x.dtype() {
        DType::F32 => floats::<f32>(op.reduction, x, updates, &targets),
        DType::F16 => floats::<f16>(op.reduction, x, updates, &targets),
        DType::BF16 => floats::<bf16>(op.reduction, x, updates, &targets),
        DType::F64 => floats::<f64>(op.reduction, x, updates, &targets),
        DType::I8 => integers::<i8>(op.reduction, x, updates, &targets),
        DType::U8 => integers::<u8>(op.reduction, x, updates, &targets),
        DType::I16 => integers::<i16>(op.reduction, x, updates, &targets),
        DType::U16 => integers::<u16>(op.reduction, x, updates, &targets),
        DType::I32 => integers::<i32>(op.reduction, x, updates, &targets),
        DType::U32 => integers::<u32>(op.reduction, x, updates, &targets),
        DType::I64 => integers::<i64>(op.reduction, x, updates, &targets),
        DType::U64 => integers::<u64>(op.reduction, x, updates, &targets),
        DType::Bool => return bools(op.reduction, x, updates, &targets),
    }?;
    Ok(vec![out])
}

/// Offset in the data of each update.
fn targets(op: &Scatter, shape: &[usize], indices: &Tensor, updates: &[usize]) -> Result<Vec<usize>, OpError> {
    let values = indices.to_i64s();
    let look = |at: &[usize], dim: usize| {
        let i = values.get(offset(at, indices.shape())).copied();
        wrapped_index(i.ok_or_else(|| OpError::invalid("too few indices"))?, dim)
    };
    let mut result = Ok(Vec::new());
    for_each_index(updates, |at| {
        let to = || -> Result<usize, OpError> {
            match op.kind {
                ScatterKind::Elements { axis } => {
                    let axis = InferCx::axis(axis, shape.len())?;
                    let mut to = at.to_vec();
                    to[axis] = look(at, shape[axis])?;
                    Ok(offset(&to, shape))
                }
                ScatterKind::Nd => {
                    let last = indices.rank() - 1;
                    let mut to = Vec::with_capacity(shape.len());
                    for j in 0..indices.shape()[last] {
                        let tuple = [&at[..last], &[j]].concat();
                        to.push(look(&tuple, shape[j])?);
                    }
                    to.extend(&at[last..]);
                    Ok(offset(&to, shape))
                }
            }
        };
        if let Ok(all) = &mut result {
            match to() {
                Ok(to) => all.push(to),
                Err(e) => result = Err(e),
            }
        }
    });
    result
}

fn reduce<T: Element>(x: &Tensor, updates: &Tensor, targets: &[usize], f: impl Fn(T, T) -> T) -> Result<Tensor, OpError> {
    let mut out = x.view::<T>()?.into_owned();
    for (&to, &update) in targets.iter().zip(updates.view::<T>()?.iter()) {
        out[to] = f(out[to], update);
    }
    Ok(Tensor::from_vec(x.shape(), out)?)
}

/// Rounds after each step; NaN wins.
fn floats<T: Element>(reduction: Reduction, x: &Tensor, updates: &Tensor, targets: &[usize]) -> Result<Tensor, OpError> {
    let extreme = |a: f64, b: f64, larger: bool| if a.is_nan() || (a > b) == larger { a } else { b };
    reduce::<T>(x, updates, targets, |a, b| {
        let (a, b) = (a.to_f64(), b.to_f64());
        T::from_f64(match reduction {
            Reduction::None => b,
            Reduction::Add => a + b,
            Reduction::Mul => a * b,
            Reduction::Max => extreme(a, b, true),
            Reduction::Min => extreme(a, b, false),
        })
    })
}

/// Wraps.
fn integers<T: Element>(reduction: Reduction, x: &Tensor, updates: &Tensor, targets: &[usize]) -> Result<Tensor, OpError> {
    reduce::<T>(x, updates, targets, |a, b| match reduction {
        Reduction::None => b,
        Reduction::Add => T::from_i64(a.to_i64().wrapping_add(b.to_i64())),
        Reduction::Mul => T::from_i64(a.to_i64().wrapping_mul(b.to_i64())),
        Reduction::Max if a > b => a,
        Reduction::Min if a < b => a,
        Reduction::Max | Reduction::Min => b,
    })
}

/// Sum and maximum are "or", product and minimum are "and".
fn bools(reduction: Reduction, x: &Tensor, updates: &Tensor, targets: &[usize]) -> Outputs {
    let mut out = x.bools()?;
    for (&to, update) in targets.iter().zip(updates.bools()?) {
        out[to] = match reduction {
            Reduction::None => update,
            Reduction::Add | Reduction::Max => out[to] || update,
            Reduction::Mul | Reduction::Min => out[to] && update,
        };
    }
    Ok(vec![Tensor::from_bools(x.shape(), &out)?])
}
