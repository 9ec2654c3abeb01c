//! Operators on quantized tensors, made of DequantizeLinear, the float operator and QuantizeLinear.
//!
//! The products of 8-bit integers are exact in `f32`, their sums up to 2^24; what a float sum of more than some
//! hundred terms may lose is far below the step of the quantized result.

use ocelli_graph::ValueId;
use ocelli_tensor::Tensor;

use crate::ImportError;
use crate::call::{Call, call};
use crate::node::{Converted, NodeCx};
use crate::ops::Convert;

pub(super) const OPS: &[(&str, Convert)] = &[
    ("ConvInteger", conv_integer),
    ("DynamicQuantizeLinear", dynamic_quantize_linear),
    ("MatMulInteger", matmul_integer),
    ("QLinearConv", qlinear_conv),
    ("QLinearMatMul", qlinear_matmul),
];

/// Number of a data type in `Cast`.
const FLOAT: i64 = 1;
const UINT8: i64 = 2;
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

fn conv_attributes(cx: &NodeCx<'_>) -> Call {
    [
        "auto_pad",
        "dilations",
        "group",
        "kernel_shape",
        "pads",
        "strides",
    ]
    .iter()
    .fold(call("Conv"), |c, name| c.copied(cx, name))
}

/// Convolution of integers into int32.
fn conv_integer(cx: &mut NodeCx<'_>) -> Converted {
    let (x, w) = (cx.input(0)?, cx.input(1)?);
    let (x_zero, w_zero) = (cx.optional(2), cx.optional(3));
    let conv = conv_attributes(cx);
    let x = centred(cx, x, x_zero, 0)?;
    // A zero point for each filter belongs to the first of the weight's axes.
    let w = match w_zero {
        Some(zero) if cx.constant_input(3).is_none_or(|t| t.len() != 1) => {
            let zero = to_float(cx, zero)?;
            let zero = filter_column(cx, zero, w)?;
            let w = to_float(cx, w)?;
            cx.apply(call("Sub"), &[w, zero])?
        }
        zero => centred(cx, w, zero, 0)?,
    };
    let y = cx.apply(conv, &[x, w])?;
    cx.finish(call("Cast").int("to", INT32), &[Some(y)])
}

/// `v` as `[n, 1, 1, ...]` of the rank of `w`.
fn filter_column(cx: &mut NodeCx<'_>, v: ValueId, w: ValueId) -> Result<ValueId, ImportError> {
    let rank = cx.rank_of(w)?;
    let one = cx.constant(Tensor::scalar(1i64))?;
    let rest = cx.apply(call("Sub"), &[rank, one])?;
    let ones = cx.ones(rest)?;
    let all = cx.i64s(&[-1])?;
    let shape = cx.apply(call("Concat").int("axis", 0), &[all, ones])?;
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

/// Inputs: x and its scale and zero point, w likewise, the scale and zero point of y, a bias in int32.
fn qlinear_conv(cx: &mut NodeCx<'_>) -> Converted {
    let (x, x_scale, x_zero) = (cx.input(0)?, cx.input(1)?, cx.input(2)?);
    let (w, w_scale, w_zero) = (cx.input(3)?, cx.input(4)?, cx.input(5)?);
    let (y_scale, y_zero) = (cx.input(6)?, cx.input(7)?);
    let bias = cx.optional(8);
    let conv = conv_attributes(cx);
    let x = cx.apply(call("DequantizeLinear"), &[x, x_scale, x_zero])?;
    let w = cx.apply(
        call("DequantizeLinear").int("axis", 0),
        &[w, w_scale, w_zero],
    )?;
    let mut inputs = vec![x, w];
    if let Some(bias) = bias {
        let scale = cx.apply(call("Mul"), &[x_scale, w_scale])?;
        let bias = to_float(cx, bias)?;
        inputs.push(cx.apply(call("Mul"), &[bias, scale])?);
    }
    let y = cx.apply(conv, &inputs)?;
    cx.finish(
        call("QuantizeLinear"),
        &[Some(y), Some(y_scale), Some(y_zero)],
    )
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

/// Outputs: y in uint8, its scale, its zero point, from the range of x with 0 in it.
fn dynamic_quantize_linear(cx: &mut NodeCx<'_>) -> Converted {
    let x = cx.input(0)?;
    let zero = cx.constant(Tensor::scalar(0f32))?;
    let steps = cx.constant(Tensor::scalar(255f32))?;
    let high = cx.apply(call("ReduceMax").int("keepdims", 0), &[x])?;
    let low = cx.apply(call("ReduceMin").int("keepdims", 0), &[x])?;
    let high = cx.apply(call("Max"), &[high, zero])?;
    let low = cx.apply(call("Min"), &[low, zero])?;
    let range = cx.apply(call("Sub"), &[high, low])?;
    let scale = cx.apply(call("Div"), &[range, steps])?;
    let shift = cx.apply(call("Div"), &[low, scale])?;
    let shift = cx.apply(call("Sub"), &[zero, shift])?;
    let shift = cx.apply(call("Clip"), &[shift, zero, steps])?;
    let shift = cx.apply(call("Round"), &[shift])?;
    let zero_point = cx.apply(call("Cast").int("to", UINT8), &[shift])?;
    cx.finish_output(1, call("Identity"), &[scale])?;
    cx.finish_output(2, call("Identity"), &[zero_point])?;
    cx.finish_output(0, call("QuantizeLinear"), &[x, scale, zero_point])
}
