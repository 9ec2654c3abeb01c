//! Conv, ConvTranspose, DeformConv.

use ocelli_graph::ops::conv::Conv;
use ocelli_graph::ops::conv_transpose::ConvTranspose;
use ocelli_graph::ops::deform_conv::DeformConv;

use super::Convert;
use super::window::window;
use crate::node::{Converted, NodeCx};

pub(super) const OPS: &[(&str, Convert)] =
    &[("Conv", conv), ("ConvTranspose", conv_transpose), ("DeformConv", deform_conv)];

fn conv(cx: &mut NodeCx<'_>) -> Converted {
    let group = cx.attributes().size("group")?.unwrap_or(1);
    let window = window(cx)?;
    cx.push(Conv { group, window })
}

fn conv_transpose(cx: &mut NodeCx<'_>) -> Converted {
    let attributes = cx.attributes();
    cx.push(ConvTranspose {
        group: attributes.size("group")?.unwrap_or(1),
        window: window(cx)?,
        output_padding: attributes.sizes("output_padding")?,
        output_shape: attributes.sizes("output_shape")?,
    })
}

fn deform_conv(cx: &mut NodeCx<'_>) -> Converted {
    let attributes = cx.attributes();
    cx.push(DeformConv {
        group: attributes.size("group")?.unwrap_or(1),
        offset_group: attributes.size("offset_group")?.unwrap_or(1),
        window: window(cx)?,
    })
}
