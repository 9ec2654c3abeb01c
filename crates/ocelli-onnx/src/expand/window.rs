//! The windows of signal processing.

use ocelli_graph::ValueId;
use ocelli_tensor::Tensor;

use crate::ImportError;
use crate::call::call;
use crate::node::{Converted, NodeCx};
use crate::ops::Convert;

pub(super) const OPS: &[(&str, Convert)] = &[
    ("BlackmanWindow", |cx| window(cx, &[0.42, -0.5, 0.08])),
    ("HammingWindow", |cx| {
        window(cx, &[25.0 / 46.0, -21.0 / 46.0])
    }),
    ("HannWindow", |cx| window(cx, &[0.5, -0.5])),
];

/// `sum over k of terms[k] * cos(2 pi k n / N)`, where N is the size, less one unless it is periodic.
fn window(cx: &mut NodeCx<'_>, terms: &[f32]) -> Converted {
    let to = cx.attributes().int_or("output_datatype", 1)?;
    let periodic = cx.attributes().flag("periodic", true)?;
    let size = cx.input(0)?;
    let size = cx.apply(call("Cast").int("to", 7), &[size])?;
    let zero = cx.constant(Tensor::scalar(0i64))?;
    let one = cx.constant(Tensor::scalar(1i64))?;
    let mut period = size;
    if !periodic {
        period = cx.apply(call("Sub"), &[size, one])?;
    }
    let n = cx.apply(call("Range"), &[zero, size, one])?;
    let n = cx.apply(call("Cast").int("to", 1), &[n])?;
    let period = cx.apply(call("Cast").int("to", 1), &[period])?;
    let turn = cx.apply(call("Div"), &[n, period])?;
    let mut sum: Option<ValueId> = None;
    let mut angle = 0f32;
    for &factor in terms {
        let term = term(cx, turn, angle, factor)?;
        sum = Some(match sum {
            Some(sum) => cx.apply(call("Add"), &[sum, term])?,
            None => term,
        });
        angle += std::f32::consts::TAU;
    }
    let sum = sum.ok_or_else(|| cx.invalid("a window without terms"))?;
    cx.finish(call("Cast").int("to", to), &[Some(sum)])
}

/// `factor * cos(angle * turn)`
fn term(
    cx: &mut NodeCx<'_>,
    turn: ValueId,
    angle: f32,
    factor: f32,
) -> Result<ValueId, ImportError> {
    let angle = cx.constant(Tensor::scalar(angle))?;
    let angle = cx.apply(call("Mul"), &[turn, angle])?;
    let cosine = cx.apply(call("Cos"), &[angle])?;
    let factor = cx.constant(Tensor::scalar(factor))?;
    cx.apply(call("Mul"), &[cosine, factor])
}
