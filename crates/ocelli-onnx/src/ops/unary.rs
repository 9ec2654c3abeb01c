//! Elementwise functions of one tensor.

use ocelli_graph::ops::unary::{Unary, UnaryKind};

use super::Convert;
use crate::node::{Converted, NodeCx};

pub(super) const OPS: &[(&str, Convert)] = &[
    ("Abs", |cx| unary(cx, UnaryKind::Abs)),
    ("Acos", |cx| unary(cx, UnaryKind::Acos)),
    ("Acosh", |cx| unary(cx, UnaryKind::Acosh)),
    ("Asin", |cx| unary(cx, UnaryKind::Asin)),
    ("Asinh", |cx| unary(cx, UnaryKind::Asinh)),
    ("Atan", |cx| unary(cx, UnaryKind::Atan)),
    ("Atanh", |cx| unary(cx, UnaryKind::Atanh)),
    ("BitwiseNot", |cx| unary(cx, UnaryKind::BitwiseNot)),
    ("Ceil", |cx| unary(cx, UnaryKind::Ceil)),
    ("Celu", |cx| scaled(cx, 1.0, |alpha| UnaryKind::Celu { alpha })),
    ("Cos", |cx| unary(cx, UnaryKind::Cos)),
    ("Cosh", |cx| unary(cx, UnaryKind::Cosh)),
    ("Elu", |cx| scaled(cx, 1.0, |alpha| UnaryKind::Elu { alpha })),
    ("Erf", |cx| unary(cx, UnaryKind::Erf)),
    ("Exp", |cx| unary(cx, UnaryKind::Exp)),
    ("Floor", |cx| unary(cx, UnaryKind::Floor)),
    ("Gelu", |cx| {
        let tanh = cx.attributes().choice("approximate", &[("none", false), ("tanh", true)])?;
        unary(cx, UnaryKind::Gelu { tanh })
    }),
    ("HardSigmoid", |cx| {
        let alpha = cx.attributes().float_or("alpha", 0.2)?;
        let beta = cx.attributes().float_or("beta", 0.5)?;
        unary(cx, UnaryKind::HardSigmoid { alpha, beta })
    }),
    ("HardSwish", |cx| unary(cx, UnaryKind::HardSwish)),
    ("Identity", |cx| unary(cx, UnaryKind::Identity)),
    ("IsInf", |cx| {
        let detect_negative = cx.attributes().flag("detect_negative", true)?;
        let detect_positive = cx.attributes().flag("detect_positive", true)?;
        unary(cx, UnaryKind::IsInf { detect_negative, detect_positive })
    }),
    ("IsNaN", |cx| unary(cx, UnaryKind::IsNaN)),
    ("LeakyRelu", |cx| scaled(cx, 0.01, |alpha| UnaryKind::LeakyRelu { alpha })),
    ("Log", |cx| unary(cx, UnaryKind::Log)),
    ("Mish", |cx| unary(cx, UnaryKind::Mish)),
    ("Neg", |cx| unary(cx, UnaryKind::Neg)),
    ("Not", |cx| unary(cx, UnaryKind::Not)),
    ("Reciprocal", |cx| unary(cx, UnaryKind::Reciprocal)),
    ("Relu", |cx| unary(cx, UnaryKind::Relu)),
    ("Round", |cx| unary(cx, UnaryKind::Round)),
    ("Selu", selu),
    ("Shrink", |cx| {
        let lambd = cx.attributes().float_or("lambd", 0.5)?;
        let bias = cx.attributes().float_or("bias", 0.0)?;
        unary(cx, UnaryKind::Shrink { lambd, bias })
    }),
    ("Sigmoid", |cx| unary(cx, UnaryKind::Sigmoid)),
    ("Sign", |cx| unary(cx, UnaryKind::Sign)),
    ("Sin", |cx| unary(cx, UnaryKind::Sin)),
    ("Sinh", |cx| unary(cx, UnaryKind::Sinh)),
    ("Softplus", |cx| unary(cx, UnaryKind::Softplus)),
    ("Softsign", |cx| unary(cx, UnaryKind::Softsign)),
    ("Sqrt", |cx| unary(cx, UnaryKind::Sqrt)),
    ("Swish", |cx| scaled(cx, 1.0, |alpha| UnaryKind::Swish { alpha })),
    ("Tan", |cx| unary(cx, UnaryKind::Tan)),
    ("Tanh", |cx| unary(cx, UnaryKind::Tanh)),
    ("ThresholdedRelu", |cx| scaled(cx, 1.0, |alpha| UnaryKind::ThresholdedRelu { alpha })),
];

fn unary(cx: &mut NodeCx<'_>, kind: UnaryKind) -> Converted {
    cx.push(Unary { kind })
}

/// A function with the one parameter `alpha`.
fn scaled(cx: &mut NodeCx<'_>, default: f32, kind: fn(f32) -> UnaryKind) -> Converted {
    let alpha = cx.attributes().float_or("alpha", default)?;
    unary(cx, kind(alpha))
}

/// Version 1 had rounded defaults.
fn selu(cx: &mut NodeCx<'_>) -> Converted {
    let (alpha, gamma) = if cx.version < 6 { (1.6732, 1.0507) } else { (1.673_263_2, 1.050_701) };
    let alpha = cx.attributes().float_or("alpha", alpha)?;
    let gamma = cx.attributes().float_or("gamma", gamma)?;
    unary(cx, UnaryKind::Selu { alpha, gamma })
}
