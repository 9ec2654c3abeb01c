//! Cast, Clip, Dropout, Where, and the operators of any number of operands.

use ocelli_graph::ops::bit_cast::BitCast;
use ocelli_graph::ops::cast::Cast;
use ocelli_graph::ops::clip::Clip;
use ocelli_graph::ops::dropout::Dropout;
use ocelli_graph::ops::variadic::{Variadic, VariadicKind};
use ocelli_graph::ops::where_op::Where;

use super::Convert;
use super::forms::float_as_input;
use crate::call::call;
use crate::node::{Converted, NodeCx};

pub(super) const OPS: &[(&str, Convert)] = &[
    ("BitCast", |cx| {
        let to = cx.dtype_attribute("to")?.ok_or_else(|| cx.invalid("attribute 'to' is missing"))?;
        cx.push(BitCast { to })
    }),
    ("Cast", |cx| {
        let to = cx.dtype_attribute("to")?.ok_or_else(|| cx.invalid("attribute 'to' is missing"))?;
        cx.push(Cast { to: Some(to) })
    }),
    ("CastLike", |cx| {
        if cx.is_narrow(1) {
            return Err(cx.unsupported("a target of 4 or 2 bits"));
        }
        cx.push(Cast { to: None })
    }),
    ("Clip", clip),
    ("Dropout", dropout),
    ("Max", |cx| cx.push(Variadic { kind: VariadicKind::Max })),
    ("Mean", |cx| cx.push(Variadic { kind: VariadicKind::Mean })),
    ("Min", |cx| cx.push(Variadic { kind: VariadicKind::Min })),
    ("Sum", |cx| cx.push(Variadic { kind: VariadicKind::Sum })),
    ("Where", |cx| cx.push(Where)),
];

/// The bounds were attributes before version 11.
fn clip(cx: &mut NodeCx<'_>) -> Converted {
    let mut inputs = cx.inputs.clone();
    if cx.version < 11 {
        float_as_input(cx, &mut inputs, "min", 1)?;
        float_as_input(cx, &mut inputs, "max", 2)?;
    }
    cx.push_with(Clip, inputs)
}

/// Does nothing when a model runs; the second output is a mask of ones, of the data's type before version 10.
fn dropout(cx: &mut NodeCx<'_>) -> Converted {
    let x = cx.input(0)?;
    let on =
        |i: usize, default: f64| cx.constant_input(i).map_or(default, |t| t.to_f64s().first().copied().unwrap_or(0.0));
    if cx.version >= 12 && on(2, 0.0) != 0.0 && on(1, 0.5) != 0.0 {
        return Err(cx.unsupported("training_mode"));
    }
    if cx.version < 10 && cx.has_output(1) {
        let shape = cx.shape_of(x)?;
        let one = cx.float_like(1.0, x)?;
        cx.finish_output(1, call("Expand"), &[one, shape])?;
        cx.outputs.truncate(1);
    }
    cx.push(Dropout)
}
