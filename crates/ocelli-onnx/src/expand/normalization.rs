//! Normalizations made of means and elementwise operators.

use ocelli_graph::ValueId;
use ocelli_tensor::Tensor;

use crate::ImportError;
use crate::call::call;
use crate::node::{Converted, NodeCx};
use crate::ops::Convert;

pub(super) const OPS: &[(&str, Convert)] = &[
    ("MeanVarianceNormalization", mean_variance_normalization),
    ("RMSNormalization", rms_normalization),
];

/// `x - mean(x)` and `mean((x - mean(x))^2)` over `axes`.
fn centred(
    cx: &mut NodeCx<'_>,
    x: ValueId,
    axes: ValueId,
) -> Result<(ValueId, ValueId, ValueId), ImportError> {
    let mean = cx.apply(call("ReduceMean").int("keepdims", 1), &[x, axes])?;
    let centred = cx.apply(call("Sub"), &[x, mean])?;
    let square = cx.apply(call("Mul"), &[centred, centred])?;
    let variance = cx.apply(call("ReduceMean").int("keepdims", 1), &[square, axes])?;
    Ok((centred, variance, mean))
}

/// `1 / sqrt(variance + epsilon)`
fn inverse_deviation(
    cx: &mut NodeCx<'_>,
    variance: ValueId,
    epsilon: f32,
) -> Result<ValueId, ImportError> {
    let epsilon = cx.constant(Tensor::scalar(epsilon))?;
    let sum = cx.apply(call("Add"), &[variance, epsilon])?;
    let deviation = cx.apply(call("Sqrt"), &[sum])?;
    cx.apply(call("Reciprocal"), &[deviation])
}

/// `(x - mean) / (deviation + 1e-9)` over `axes`.
fn mean_variance_normalization(cx: &mut NodeCx<'_>) -> Converted {
    let axes = cx.attributes().ints("axes")?.unwrap_or(&[0, 2, 3]).to_vec();
    let input = cx.input(0)?;
    let x = cx.widened(input)?;
    let axes = cx.i64s(&axes)?;
    let (centred, variance, _) = centred(cx, x, axes)?;
    let deviation = cx.apply(call("Sqrt"), &[variance])?;
    let epsilon = cx.constant(Tensor::scalar(1e-9f32))?;
    let sum = cx.apply(call("Add"), &[deviation, epsilon])?;
    let y = cx.apply(call("Div"), &[centred, sum])?;
    cx.finish_like(0, y, input)
}

/// `x / sqrt(mean(x^2) + epsilon) * scale` over the axes from `axis` on.
fn rms_normalization(cx: &mut NodeCx<'_>) -> Converted {
    let axis = cx.attributes().int_or("axis", -1)?;
    let epsilon = cx.attributes().float_or("epsilon", 1e-5)?;
    let (input, scale) = (cx.input(0)?, cx.input(1)?);
    let x = cx.widened(input)?;
    let scale = cx.widened(scale)?;
    let axes = cx.axes_from(axis, x)?;
    let square = cx.apply(call("Mul"), &[x, x])?;
    let mean = cx.apply(call("ReduceMean").int("keepdims", 1), &[square, axes])?;
    let inverse = inverse_deviation(cx, mean, epsilon)?;
    let y = cx.apply(call("Mul"), &[x, inverse])?;
    let y = cx.apply(call("Mul"), &[y, scale])?;
    cx.finish_like(0, y, input)
}
