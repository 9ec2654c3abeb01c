//! Quantization, and operators on quantized tensors.

use ocelli_graph::ops::conv_integer::ConvInteger;
use ocelli_graph::ops::dequantize_linear::DequantizeLinear;
use ocelli_graph::ops::dynamic_quantize_linear::DynamicQuantizeLinear;
use ocelli_graph::ops::qlinear_conv::QLinearConv;
use ocelli_graph::ops::quantize_linear::QuantizeLinear;

use super::Convert;
use super::window::window;
use crate::node::{Converted, NodeCx};

pub(super) const OPS: &[(&str, Convert)] = &[
    ("ConvInteger", |cx| {
        let group = cx.attributes().size("group")?.unwrap_or(1);
        let window = window(cx)?;
        cx.push(ConvInteger { group, window })
    }),
    ("DequantizeLinear", dequantize),
    ("DynamicQuantizeLinear", |cx| cx.push(DynamicQuantizeLinear)),
    ("QLinearConv", |cx| {
        let group = cx.attributes().size("group")?.unwrap_or(1);
        let window = window(cx)?;
        cx.push(QLinearConv { group, window, clamp: None })
    }),
    ("QuantizeLinear", quantize),
];

fn dequantize(cx: &mut NodeCx<'_>) -> Converted {
    let attributes = cx.attributes();
    cx.push(DequantizeLinear {
        axis: attributes.int_or("axis", 1)?,
        block_size: attributes.size("block_size")?.unwrap_or(0),
        output_dtype: cx.dtype_attribute("output_dtype")?,
    })
}

/// Integers of 4 and 2 bits are held as 8 bits, which would saturate elsewhere.
fn quantize(cx: &mut NodeCx<'_>) -> Converted {
    let attributes = cx.attributes();
    if cx.is_narrow(2) {
        return Err(cx.unsupported("a zero point of 4 or 2 bits"));
    }
    cx.push(QuantizeLinear {
        axis: attributes.int_or("axis", 1)?,
        block_size: attributes.size("block_size")?.unwrap_or(0),
        output_dtype: cx.dtype_attribute("output_dtype")?,
        precision: cx.dtype_attribute("precision")?,
    })
}
