//! Elementwise functions of two tensors.

use ocelli_graph::ops::binary::{Binary, BinaryKind};
use ocelli_tensor::Tensor;

use super::Convert;
use super::forms::broadcast_operands;
use crate::call::call;
use crate::node::{Converted, NodeCx};

pub(super) const OPS: &[(&str, Convert)] = &[
    ("Add", |cx| binary(cx, BinaryKind::Add)),
    ("And", |cx| binary(cx, BinaryKind::And)),
    ("BitShift", bit_shift),
    ("BitwiseAnd", |cx| binary(cx, BinaryKind::BitwiseAnd)),
    ("BitwiseOr", |cx| binary(cx, BinaryKind::BitwiseOr)),
    ("BitwiseXor", |cx| binary(cx, BinaryKind::BitwiseXor)),
    ("Div", |cx| binary(cx, BinaryKind::Div)),
    ("Equal", |cx| binary(cx, BinaryKind::Equal)),
    ("Greater", |cx| binary(cx, BinaryKind::Greater)),
    ("GreaterOrEqual", |cx| binary(cx, BinaryKind::GreaterOrEqual)),
    ("Less", |cx| binary(cx, BinaryKind::Less)),
    ("LessOrEqual", |cx| binary(cx, BinaryKind::LessOrEqual)),
    ("Mod", |cx| {
        let fmod = cx.attributes().flag("fmod", false)?;
        binary(cx, BinaryKind::Mod { fmod })
    }),
    ("Mul", |cx| binary(cx, BinaryKind::Mul)),
    ("Or", |cx| binary(cx, BinaryKind::Or)),
    ("PRelu", prelu),
    ("Pow", |cx| binary(cx, BinaryKind::Pow)),
    ("Sub", |cx| binary(cx, BinaryKind::Sub)),
    ("Xor", |cx| binary(cx, BinaryKind::Xor)),
];

fn binary(cx: &mut NodeCx<'_>, kind: BinaryKind) -> Converted {
    let inputs = broadcast_operands(cx)?;
    cx.push_with(Binary { kind }, inputs)
}

fn bit_shift(cx: &mut NodeCx<'_>) -> Converted {
    let attributes = cx.attributes();
    if !attributes.has("direction") {
        return Err(attributes.error("direction", "expected LEFT or RIGHT, got nothing"));
    }
    let right = attributes.choice("direction", &[("LEFT", false), ("RIGHT", true)])?;
    binary(cx, BinaryKind::BitShift { right })
}

/// Before version 7 a vector of slopes belonged to the channels; since then the slopes broadcast from the back.
fn prelu(cx: &mut NodeCx<'_>) -> Converted {
    let (x, mut slope) = (cx.input(0)?, cx.input(1)?);
    if cx.version < 7 && cx.declared_rank(1) == Some(1) {
        let rank = cx.rank_of(x)?;
        let two = cx.constant(Tensor::scalar(2i64))?;
        let behind = cx.apply(call("Sub"), &[rank, two])?;
        let ones = cx.ones(behind)?;
        let all = cx.i64s(&[-1])?;
        let shape = cx.apply(call("Concat").int("axis", 0), &[all, ones])?;
        slope = cx.apply(call("Reshape"), &[slope, shape])?;
    }
    cx.push_with(Binary { kind: BinaryKind::PRelu }, vec![Some(x), Some(slope)])
}
