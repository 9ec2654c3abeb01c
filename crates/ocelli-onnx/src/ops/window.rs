//! The attributes that convolutions and pools share.

use ocelli_graph::ops::window::{AutoPad, Window};

use crate::ImportError;
use crate::node::NodeCx;

/// `kernel_shape`, `strides`, `dilations`, `pads`, `auto_pad`.
pub(super) fn window(cx: &NodeCx<'_>) -> Result<Window, ImportError> {
    let attributes = cx.attributes();
    Ok(Window {
        kernel: attributes.sizes("kernel_shape")?,
        strides: attributes.sizes("strides")?,
        dilations: attributes.sizes("dilations")?,
        pads: attributes.ints("pads")?.unwrap_or_default().to_vec(),
        auto_pad: attributes.choice(
            "auto_pad",
            &[
                ("NOTSET", AutoPad::NotSet),
                ("SAME_UPPER", AutoPad::SameUpper),
                ("SAME_LOWER", AutoPad::SameLower),
                ("VALID", AutoPad::Valid),
                // Written by exporters that spell out the default.
                ("", AutoPad::NotSet),
            ],
        )?,
    })
}
