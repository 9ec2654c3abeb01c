//! CenterCropPad: cuts or fills each axis around the middle, to a given size.

use crate::call::call;
use crate::node::{Converted, NodeCx};
use crate::ops::Convert;

pub(super) const OPS: &[(&str, Convert)] = &[("CenterCropPad", center_crop_pad)];

/// Of what is cut or filled, half (rounded down) is at the beginning.
fn center_crop_pad(cx: &mut NodeCx<'_>) -> Converted {
    let (x, target) = (cx.input(0)?, cx.input(1)?);
    let target = cx.apply(call("Cast").int("to", 7), &[target])?;
    let mut size = cx.shape_of(x)?;
    let axes = match cx.attributes().ints("axes")? {
        Some(axes) => {
            let axes = cx.i64s(axes)?;
            size = cx.apply(call("Gather").int("axis", 0), &[size, axes])?;
            Some(axes)
        }
        None => None,
    };
    let zero = cx.i64s(&[0])?;
    let two = cx.i64s(&[2])?;
    let missing = cx.apply(call("Sub"), &[target, size])?;
    let pad = cx.apply(call("Max"), &[missing, zero])?;
    let pad_begin = cx.apply(call("Div"), &[pad, two])?;
    let pad_end = cx.apply(call("Sub"), &[pad, pad_begin])?;
    let excess = cx.apply(call("Neg"), &[missing])?;
    let cut = cx.apply(call("Max"), &[excess, zero])?;
    let start = cx.apply(call("Div"), &[cut, two])?;
    let kept = cx.apply(call("Min"), &[target, size])?;
    let end = cx.apply(call("Add"), &[start, kept])?;
    let cropped = cx.apply_many(call("Slice"), &[Some(x), Some(start), Some(end), axes], 1)?;
    let pads = cx.apply(call("Concat").int("axis", 0), &[pad_begin, pad_end])?;
    cx.finish(
        call("Pad"),
        &[cropped.first().copied(), Some(pads), None, axes],
    )
}
