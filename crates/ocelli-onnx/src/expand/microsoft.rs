//! Operators of the domain `com.microsoft` that ONNX Runtime's quantizer and optimizer write into image models.

use ocelli_graph::ValueId;

use crate::ImportError;
use crate::call::{Call, call};
use crate::node::{Converted, NodeCx};
use crate::ops::Convert;

pub(super) const OPS: &[(&str, Convert)] = &[
    ("BiasGelu", |cx| gelu(cx, "none")),
    ("DequantizeLinear", |cx| same(cx, call("DequantizeLinear"), &["axis", "block_size"])),
    ("FastGelu", |cx| gelu(cx, "tanh")),
    ("FusedConv", fused_conv),
    ("FusedMatMul", fused_matmul),
    ("Gelu", |cx| gelu(cx, "none")),
    ("GridSample", |cx| same(cx, call("GridSample"), &["mode", "padding_mode", "align_corners"])),
    ("QLinearAdd", |cx| qlinear_binary(cx, "Add")),
    ("QLinearAveragePool", |cx| {
        let pool = POOL.iter().fold(call("AveragePool"), |c, name| c.copied(cx, name));
        qlinear_unary(cx, pool)
    }),
    ("QLinearConcat", qlinear_concat),
    ("QLinearGlobalAveragePool", |cx| qlinear_unary(cx, call("GlobalAveragePool"))),
    ("QLinearLeakyRelu", |cx| {
        let alpha = cx.attributes().float_or("alpha", 0.01)?;
        qlinear_unary(cx, call("LeakyRelu").float("alpha", alpha))
    }),
    ("QLinearMul", |cx| qlinear_binary(cx, "Mul")),
    ("QLinearSigmoid", |cx| qlinear_unary(cx, call("Sigmoid"))),
    ("QuantizeLinear", |cx| same(cx, call("QuantizeLinear"), &["axis", "block_size"])),
    ("QuickGelu", |cx| {
        let alpha = cx.attributes().float_or("alpha", 1.702)?;
        let x = cx.input(0)?;
        cx.finish(call("Swish").float("alpha", alpha), &[Some(x)])
    }),
];

const POOL: &[&str] = &["auto_pad", "ceil_mode", "count_include_pad", "kernel_shape", "pads", "strides"];
const CONV: &[&str] = &["auto_pad", "dilations", "group", "kernel_shape", "pads", "strides"];

/// The standard operator with these attributes of the node.
fn same(cx: &mut NodeCx<'_>, standard: Call, attributes: &[&str]) -> Converted {
    let standard = attributes.iter().fold(standard, |c, name| c.copied(cx, name));
    let inputs = cx.inputs.clone();
    cx.finish(standard, &inputs)
}

/// Gelu of the sum of the inputs: the second is a bias, which may be left out.
fn gelu(cx: &mut NodeCx<'_>, approximate: &str) -> Converted {
    let mut x = cx.input(0)?;
    if let Some(bias) = cx.optional(1) {
        x = cx.apply(call("Add"), &[x, bias])?;
    }
    cx.finish(call("Gelu").string("approximate", approximate), &[Some(x)])
}

/// A convolution, with an optional fourth input that is added, and an activation.
fn fused_conv(cx: &mut NodeCx<'_>) -> Converted {
    let attributes = cx.attributes();
    let parameters = attributes.floats("activation_params")?.unwrap_or_default();
    let parameter = |i: usize, default: f32| parameters.get(i).copied().unwrap_or(default);
    let activation = match attributes.string("activation")?.unwrap_or_default() {
        "" => None,
        name @ ("Relu" | "Sigmoid" | "Tanh") => Some((call(name), None)),
        "LeakyRelu" => Some((call("LeakyRelu").float("alpha", parameter(0, 0.01)), None)),
        "HardSigmoid" => {
            Some((call("HardSigmoid").float("alpha", parameter(0, 0.2)).float("beta", parameter(1, 0.5)), None))
        }
        "Clip" => Some((call("Clip"), Some((parameter(0, f32::MIN), parameter(1, f32::MAX))))),
        other => return Err(cx.unsupported(format!("the activation {other}"))),
    };
    let conv = CONV.iter().fold(call("Conv"), |c, name| c.copied(cx, name));
    let (x, w, bias) = (cx.input(0)?, cx.input(1)?, cx.optional(2));
    let y = cx.apply_many(conv, &[Some(x), Some(w), bias], 1)?;
    let mut y = *y.first().ok_or_else(|| cx.invalid("no result"))?;
    if let Some(residual) = cx.optional(3) {
        y = cx.apply(call("Add"), &[y, residual])?;
    }
    match activation {
        None => cx.finish(call("Identity"), &[Some(y)]),
        Some((activation, None)) => cx.finish(activation, &[Some(y)]),
        Some((activation, Some((low, high)))) => {
            let low = cx.float_like(low, x)?;
            let high = cx.float_like(high, x)?;
            cx.finish(activation, &[Some(y), Some(low), Some(high)])
        }
    }
}

/// `alpha * A B`, with the last two dimensions of either exchanged on request.
fn fused_matmul(cx: &mut NodeCx<'_>) -> Converted {
    let attributes = cx.attributes();
    if attributes.flag("transBatchA", false)? || attributes.flag("transBatchB", false)? {
        return Err(cx.unsupported("exchanged batch dimensions"));
    }
    let alpha = attributes.float_or("alpha", 1.0)?;
    let mut operands = [cx.input(0)?, cx.input(1)?];
    for (operand, name) in operands.iter_mut().zip(["transA", "transB"]) {
        if attributes.flag(name, false)? {
            *operand = cx.apply(call("Einsum").string("equation", "...ij->...ji"), &[*operand])?;
        }
    }
    let y = cx.apply(call("MatMul"), &operands)?;
    let alpha = cx.float_like(alpha, y)?;
    cx.finish(call("Mul"), &[Some(y), Some(alpha)])
}

/// The float values of the quantized tensor in inputs `at`, `at + 1` (scale), `at + 2` (zero point, optional).
fn dequantized(cx: &mut NodeCx<'_>, at: usize) -> Result<ValueId, ImportError> {
    let inputs = [Some(cx.input(at)?), Some(cx.input(at + 1)?), cx.optional(at + 2)];
    let values = cx.apply_many(call("DequantizeLinear"), &inputs, 1)?;
    values.first().copied().ok_or_else(|| cx.invalid("no result"))
}

/// Ends with `y` quantized by the scale and zero point in inputs `at` and `at + 1`.
fn quantized(cx: &mut NodeCx<'_>, y: ValueId, at: usize) -> Converted {
    let inputs = [Some(y), Some(cx.input(at)?), cx.optional(at + 1)];
    cx.finish(call("QuantizeLinear"), &inputs)
}

fn qlinear_binary(cx: &mut NodeCx<'_>, op: &str) -> Converted {
    let a = dequantized(cx, 0)?;
    let b = dequantized(cx, 3)?;
    let y = cx.apply(call(op), &[a, b])?;
    quantized(cx, y, 6)
}

fn qlinear_unary(cx: &mut NodeCx<'_>, op: Call) -> Converted {
    if cx.attributes().flag("channels_last", false)? {
        return Err(cx.unsupported("channels_last"));
    }
    let x = dequantized(cx, 0)?;
    let y = cx.apply(op, &[x])?;
    quantized(cx, y, 3)
}

/// Inputs: scale and zero point of the result, then each operand with its scale and zero point.
fn qlinear_concat(cx: &mut NodeCx<'_>) -> Converted {
    let axis = cx.attributes().required_int("axis")?;
    let mut parts = Vec::new();
    for at in (2..cx.inputs.len()).step_by(3) {
        parts.push(dequantized(cx, at)?);
    }
    if parts.is_empty() {
        return Err(cx.invalid("nothing to join"));
    }
    let y = cx.apply(call("Concat").int("axis", axis), &parts)?;
    quantized(cx, y, 0)
}
