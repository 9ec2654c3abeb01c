//! Operators on quantized tensors, made of DequantizeLinear, the float operator and QuantizeLinear.
//!
//! The products of 8-bit integers are exact in `f32`, their sums up to 2^24; what a float sum of more than some
//! hundred terms may lose is far below the step of the quantized result.

use ocelli_graph::ValueId;

use crate::ImportError;
use crate::call::call;
use crate::node::{Converted, NodeCx};
use crate::ops::Convert;

pub(super) const OPS: &[(&str, Convert)] = &[
    ("MatMulInteger", matmul_integer),
    ("QLinearMatMul", qlinear_matmul),
];

/// Number of a data type in `Cast`.
const FLOAT: i64 = 1;
const INT32: i64 = 6;

fn to_float(cx: &mut NodeCx<'_>, x: ValueId) -> Result<ValueId, ImportError> {
    cx.apply(call("Cast").int("to", FLOAT), &[x])
}

/// `x - zero_point` as floats; a vector of zero points belongs to axis `axis` of `x`, counted from the back.
fn centred(
    cx: &mut NodeCx<'_>,
    x: ValueId,
    zero_point: Option<ValueId>,
    columns: usize,
) -> Result<ValueId, ImportError> {
    let x = to_float(cx, x)?;
    let Some(zero_point) = zero_point else {
        return Ok(x);
    };
    let zero_point = to_float(cx, zero_point)?;
    let zero_point = spread(cx, zero_point, columns)?;
    cx.apply(call("Sub"), &[x, zero_point])
}

/// A scalar or vector with `columns` axes of 1 behind it; untouched where `columns` is 0.
fn spread(cx: &mut NodeCx<'_>, v: ValueId, columns: usize) -> Result<ValueId, ImportError> {
    if columns == 0 {
        return Ok(v);
    }
    let mut shape = vec![1i64; columns + 1];
    if let Some(first) = shape.first_mut() {
        *first = -1;
    }
    let shape = cx.i64s(&shape)?;
    cx.apply(call("Reshape"), &[v, shape])
}

/// Matrix product of integers into int32; zero points per row of A, per column of B.
fn matmul_integer(cx: &mut NodeCx<'_>) -> Converted {
    let (a, b) = (cx.input(0)?, cx.input(1)?);
    let (a_zero, b_zero) = (cx.optional(2), cx.optional(3));
    let rows = usize::from(
        cx.constant_input(2)
            .is_some_and(|t| t.rank() == 1 && t.len() > 1),
    );
    let a = centred(cx, a, a_zero, rows)?;
    let b = centred(cx, b, b_zero, 0)?;
    let y = cx.apply(call("MatMul"), &[a, b])?;
    cx.finish(call("Cast").int("to", INT32), &[Some(y)])
}

/// Inputs: a and its scale and zero point, b likewise, the scale and zero point of y.
fn qlinear_matmul(cx: &mut NodeCx<'_>) -> Converted {
    let (a, a_scale, a_zero) = (cx.input(0)?, cx.input(1)?, cx.input(2)?);
    let (b, b_scale, b_zero) = (cx.input(3)?, cx.input(4)?, cx.input(5)?);
    let (y_scale, y_zero) = (cx.input(6)?, cx.input(7)?);
    let rows = usize::from(
        cx.constant_input(1)
            .is_some_and(|t| t.rank() == 1 && t.len() > 1),
    );
    let a = centred(cx, a, Some(a_zero), rows)?;
    let (a_scale, b_scale) = (cx.widened(a_scale)?, cx.widened(b_scale)?);
    let a_scale = spread(cx, a_scale, rows)?;
    let a = cx.apply(call("Mul"), &[a, a_scale])?;
    let b = centred(cx, b, Some(b_zero), 0)?;
    let b = cx.apply(call("Mul"), &[b, b_scale])?;
    let y = cx.apply(call("MatMul"), &[a, b])?;
    let y_scale = cx.widened(y_scale)?;
    cx.finish(
        call("QuantizeLinear"),
        &[Some(y), Some(y_scale), Some(y_zero)],
    )
}
