//! Pad and CenterCropPad.

use ocelli_graph::ops::center_crop_pad::CenterCropPad;
use ocelli_graph::ops::pad::{Pad, PadMode};

use super::Convert;
use super::forms::{float_as_input, ints_as_input};
use crate::node::{Converted, NodeCx};

pub(super) const OPS: &[(&str, Convert)] = &[("CenterCropPad", center_crop_pad), ("Pad", pad)];

/// Pads and value were attributes before version 11; the pads were called `paddings` in version 1.
fn pad(cx: &mut NodeCx<'_>) -> Converted {
    let mode = cx.attributes().choice(
        "mode",
        &[
            ("constant", PadMode::Constant),
            ("reflect", PadMode::Reflect),
            ("edge", PadMode::Edge),
            ("wrap", PadMode::Wrap),
        ],
    )?;
    if cx.version >= 11 {
        return cx.push(Pad { mode });
    }
    let name = if cx.version == 1 && !cx.attributes().has("pads") { "paddings" } else { "pads" };
    cx.attributes().required_ints(name)?;
    let mut inputs = ints_as_input(cx, name, 1, 11)?;
    if cx.attributes().float_or("value", 0.0)? != 0.0 {
        float_as_input(cx, &mut inputs, "value", 2)?;
    }
    cx.push_with(Pad { mode }, inputs)
}

fn center_crop_pad(cx: &mut NodeCx<'_>) -> Converted {
    let axes = cx.attributes().ints("axes")?.map(<[i64]>::to_vec);
    cx.push(CenterCropPad { axes })
}
