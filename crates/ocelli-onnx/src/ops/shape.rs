//! Reshape, Flatten, Squeeze, Unsqueeze, Transpose, Expand, Tile.

use ocelli_graph::ops::expand::Expand;
use ocelli_graph::ops::reshape::{Reshape, ReshapeKind};
use ocelli_graph::ops::tile::Tile;
use ocelli_graph::ops::transpose::Transpose;

use super::Convert;
use super::forms::ints_as_input;
use crate::call::call;
use crate::node::{Converted, NodeCx};

pub(super) const OPS: &[(&str, Convert)] = &[
    ("Expand", |cx| cx.push(Expand)),
    ("Flatten", flatten),
    ("Reshape", reshape),
    ("Squeeze", |cx| with_axes(cx, ReshapeKind::Squeeze)),
    ("Tile", tile),
    ("Transpose", transpose),
    ("Unsqueeze", |cx| with_axes(cx, ReshapeKind::Unsqueeze)),
];

/// The shape was an attribute before version 5.
fn reshape(cx: &mut NodeCx<'_>) -> Converted {
    let allow_zero = cx.attributes().flag("allowzero", false)?;
    let inputs = ints_as_input(cx, "shape", 1, 5)?;
    if inputs.len() < 2 {
        return Err(cx.invalid("the shape is missing"));
    }
    cx.push_with(Reshape { kind: ReshapeKind::Reshape { allow_zero } }, inputs)
}

fn flatten(cx: &mut NodeCx<'_>) -> Converted {
    let axis = cx.attributes().int_or("axis", 1)?;
    cx.push(Reshape { kind: ReshapeKind::Flatten { axis } })
}

/// The axes were an attribute before version 13.
fn with_axes(cx: &mut NodeCx<'_>, kind: ReshapeKind) -> Converted {
    let inputs = ints_as_input(cx, "axes", 1, 13)?;
    if matches!(kind, ReshapeKind::Unsqueeze) && inputs.len() < 2 {
        return Err(cx.invalid("the axes are missing"));
    }
    cx.push_with(Reshape { kind }, inputs)
}

fn transpose(cx: &mut NodeCx<'_>) -> Converted {
    let perm = cx.attributes().ints("perm")?.map(<[i64]>::to_vec);
    cx.push(Transpose { perm })
}

/// Before version 6 one axis was repeated, given with the count as two scalars.
fn tile(cx: &mut NodeCx<'_>) -> Converted {
    if cx.version >= 6 {
        return cx.push(Tile);
    }
    let (x, count, axis) = (cx.input(0)?, cx.input(1)?, cx.input(2)?);
    let rank = cx.rank_of(x)?;
    let ones = cx.ones(rank)?;
    let vector = cx.i64s(&[-1])?;
    let count = cx.apply(call("Cast").int("to", 7), &[count])?;
    let count = cx.apply(call("Reshape"), &[count, vector])?;
    let axis = cx.apply(call("Cast").int("to", 7), &[axis])?;
    let axis = cx.apply(call("Reshape"), &[axis, vector])?;
    let repeats = cx.apply(call("ScatterElements").int("axis", 0), &[ones, axis, count])?;
    cx.push_with(Tile, vec![Some(x), Some(repeats)])
}
