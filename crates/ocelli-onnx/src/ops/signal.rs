//! Spectra, windows, running sums.

use ocelli_graph::ops::cumulative::{Cumulative, CumulativeKind};
use ocelli_graph::ops::spectral::Spectral;
use ocelli_graph::ops::window_function::{WindowFunction, WindowKind};
use ocelli_tensor::{DType, Tensor};

use super::Convert;
use super::forms::set;
use crate::node::{Converted, NodeCx};

pub(super) const OPS: &[(&str, Convert)] = &[
    ("BlackmanWindow", |cx| window(cx, WindowKind::Blackman)),
    ("CumProd", |cx| cumulative(cx, CumulativeKind::Prod)),
    ("CumSum", |cx| cumulative(cx, CumulativeKind::Sum)),
    ("DFT", dft),
    ("HammingWindow", |cx| window(cx, WindowKind::Hamming)),
    ("HannWindow", |cx| window(cx, WindowKind::Hann)),
    ("MelWeightMatrix", |cx| {
        let output_datatype = cx.dtype_attribute("output_datatype")?.unwrap_or(DType::F32);
        cx.push(Spectral::MelWeightMatrix { output_datatype })
    }),
    ("STFT", |cx| {
        let onesided = cx.attributes().flag("onesided", true)?;
        cx.push(Spectral::Stft { onesided })
    }),
];

fn window(cx: &mut NodeCx<'_>, kind: WindowKind) -> Converted {
    let periodic = cx.attributes().flag("periodic", true)?;
    let output_datatype = cx.dtype_attribute("output_datatype")?.unwrap_or(DType::F32);
    cx.push(WindowFunction { kind, periodic, output_datatype })
}

fn cumulative(cx: &mut NodeCx<'_>, kind: CumulativeKind) -> Converted {
    let exclusive = cx.attributes().flag("exclusive", false)?;
    let reverse = cx.attributes().flag("reverse", false)?;
    cx.push(Cumulative { kind, exclusive, reverse })
}

/// The axis was an attribute before version 20, 1 by default.
fn dft(cx: &mut NodeCx<'_>) -> Converted {
    let inverse = cx.attributes().flag("inverse", false)?;
    let onesided = cx.attributes().flag("onesided", false)?;
    let mut inputs = cx.inputs.clone();
    if cx.version < 20 {
        let axis = cx.attributes().int_or("axis", 1)?;
        let axis = cx.constant(Tensor::scalar(axis))?;
        set(&mut inputs, 2, axis);
    }
    cx.push_with(Spectral::Dft { inverse, onesided }, inputs)
}
