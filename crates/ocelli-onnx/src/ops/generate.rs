//! Tensors made from shapes and numbers: ConstantOfShape, EyeLike, Range, Shape, Size.

use ocelli_graph::ops::constant_of_shape::ConstantOfShape;
use ocelli_graph::ops::eye_like::EyeLike;
use ocelli_graph::ops::range::Range;
use ocelli_graph::ops::shape_of::{ShapeKind, ShapeOf};

use super::Convert;
use crate::node::{Converted, NodeCx};

pub(super) const OPS: &[(&str, Convert)] = &[
    ("ConstantOfShape", constant_of_shape),
    ("EyeLike", |cx| {
        let dtype = cx.dtype_attribute("dtype")?;
        let k = cx.attributes().int_or("k", 0)?;
        cx.push(EyeLike { dtype, k })
    }),
    ("Range", |cx| cx.push(Range)),
    ("Shape", |cx| {
        let start = cx.attributes().int_or("start", 0)?;
        let end = cx.attributes().int("end")?;
        cx.push(ShapeOf { kind: ShapeKind::Shape { start, end } })
    }),
    ("Size", |cx| cx.push(ShapeOf { kind: ShapeKind::Size })),
];

fn constant_of_shape(cx: &mut NodeCx<'_>) -> Converted {
    let value = cx.tensor("value")?;
    if let Some(value) = value.as_ref().filter(|v| v.len() != 1) {
        return Err(cx.attributes().error("value", format!("expected one element, got {}", value.len())));
    }
    cx.push(ConstantOfShape { value })
}
