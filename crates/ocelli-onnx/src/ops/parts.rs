//! Concat, Slice, Split.

use ocelli_graph::ops::concat::Concat;
use ocelli_graph::ops::slice::Slice;
use ocelli_graph::ops::split::Split;

use super::Convert;
use super::forms::ints_as_input;
use crate::node::{Converted, NodeCx};

pub(super) const OPS: &[(&str, Convert)] = &[("Concat", concat), ("Slice", slice), ("Split", split)];

/// The axis had a default before version 4.
fn concat(cx: &mut NodeCx<'_>) -> Converted {
    let axis =
        if cx.version < 4 { cx.attributes().int_or("axis", 1)? } else { cx.attributes().required_int("axis")? };
    cx.push(Concat { axis })
}

/// Starts, ends and axes were attributes before version 10.
fn slice(cx: &mut NodeCx<'_>) -> Converted {
    if cx.version >= 10 {
        return cx.push(Slice);
    }
    let attributes = cx.attributes();
    let x = cx.input(0)?;
    let starts = cx.i64s(attributes.required_ints("starts")?)?;
    let ends = cx.i64s(attributes.required_ints("ends")?)?;
    let axes = match attributes.ints("axes")? {
        Some(axes) => Some(cx.i64s(axes)?),
        None => None,
    };
    cx.push_with(Slice, vec![Some(x), Some(starts), Some(ends), axes])
}

/// The sizes were an attribute in versions 2 to 12, and either in version 1.
fn split(cx: &mut NodeCx<'_>) -> Converted {
    let axis = cx.attributes().int_or("axis", 0)?;
    let num_outputs = cx.attributes().size("num_outputs")?;
    let inputs = ints_as_input(cx, "split", 1, 13)?;
    cx.push_with(Split { axis, num_outputs }, inputs)
}
