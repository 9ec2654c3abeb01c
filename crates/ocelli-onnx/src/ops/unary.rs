//! Elementwise functions of one tensor.

use ocelli_graph::ops::unary::{Unary, UnaryKind};

use super::Convert;
use crate::node::{Converted, NodeCx};

pub(super) const OPS: &[(&str, Convert)] = &[
    ("LeakyRelu", |cx| {
        let alpha = cx.attributes().float_or("alpha", 0.01)?;
        unary(cx, UnaryKind::LeakyRelu { alpha })
    }),
    ("Relu", |cx| unary(cx, UnaryKind::Relu)),
    ("Sigmoid", |cx| unary(cx, UnaryKind::Sigmoid)),
    ("Tanh", |cx| unary(cx, UnaryKind::Tanh)),
];

fn unary(cx: &mut NodeCx<'_>, kind: UnaryKind) -> Converted {
    cx.push(Unary { kind })
}
