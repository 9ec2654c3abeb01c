//! Gather, GatherElements, GatherND, ScatterElements, ScatterND, OneHot, ReverseSequence, Trilu.

use ocelli_graph::ops::gather::{Gather, GatherKind};
use ocelli_graph::ops::one_hot::OneHot;
use ocelli_graph::ops::reverse_sequence::ReverseSequence;
use ocelli_graph::ops::scatter::{Reduction, Scatter, ScatterKind};
use ocelli_graph::ops::trilu::Trilu;

use super::Convert;
use crate::ImportError;
use crate::node::{Converted, NodeCx};

pub(super) const OPS: &[(&str, Convert)] = &[
    ("Gather", |cx| {
        let axis = cx.attributes().int_or("axis", 0)?;
        cx.push(Gather { kind: GatherKind::Gather { axis } })
    }),
    ("GatherElements", |cx| {
        let axis = cx.attributes().int_or("axis", 0)?;
        cx.push(Gather { kind: GatherKind::Elements { axis } })
    }),
    ("GatherND", |cx| {
        let batch_dims = cx.attributes().size("batch_dims")?.unwrap_or(0);
        cx.push(Gather { kind: GatherKind::Nd { batch_dims } })
    }),
    ("OneHot", |cx| {
        let axis = cx.attributes().int_or("axis", -1)?;
        cx.push(OneHot { axis })
    }),
    ("ReverseSequence", |cx| {
        let batch_axis = cx.attributes().int_or("batch_axis", 1)?;
        let time_axis = cx.attributes().int_or("time_axis", 0)?;
        cx.push(ReverseSequence { batch_axis, time_axis })
    }),
    ("Scatter", scatter_elements),
    ("ScatterElements", scatter_elements),
    ("ScatterND", |cx| {
        let reduction = reduction(cx)?;
        cx.push(Scatter { kind: ScatterKind::Nd, reduction })
    }),
    ("Trilu", |cx| {
        let upper = cx.attributes().flag("upper", true)?;
        cx.push(Trilu { upper })
    }),
];

fn scatter_elements(cx: &mut NodeCx<'_>) -> Converted {
    let axis = cx.attributes().int_or("axis", 0)?;
    let reduction = reduction(cx)?;
    cx.push(Scatter { kind: ScatterKind::Elements { axis }, reduction })
}

fn reduction(cx: &NodeCx<'_>) -> Result<Reduction, ImportError> {
    cx.attributes().choice(
        "reduction",
        &[
            ("none", Reduction::None),
            ("add", Reduction::Add),
            ("mul", Reduction::Mul),
            ("max", Reduction::Max),
            ("min", Reduction::Min),
        ],
    )
}
