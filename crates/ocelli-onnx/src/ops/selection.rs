//! Operators whose result's size depends on the data, and Einsum.

use ocelli_graph::ops::compress::Compress;
use ocelli_graph::ops::einsum::Einsum;
use ocelli_graph::ops::non_max_suppression::NonMaxSuppression;
use ocelli_graph::ops::non_zero::NonZero;
use ocelli_graph::ops::unique::Unique;

use super::Convert;

pub(super) const OPS: &[(&str, Convert)] = &[
    ("Compress", |cx| {
        let axis = cx.attributes().int("axis")?;
        cx.push(Compress { axis })
    }),
    ("Einsum", |cx| {
        let equation = cx.attributes().string("equation")?;
        let equation = equation.ok_or_else(|| cx.invalid("attribute 'equation' is missing"))?;
        cx.push(Einsum { equation: equation.to_owned() })
    }),
    ("NonMaxSuppression", |cx| {
        let center_point_box = cx.attributes().flag("center_point_box", false)?;
        cx.push(NonMaxSuppression { center_point_box })
    }),
    ("NonZero", |cx| cx.push(NonZero)),
    ("Unique", |cx| {
        let axis = cx.attributes().int("axis")?;
        let sorted = cx.attributes().flag("sorted", true)?;
        cx.push(Unique { axis, sorted })
    }),
];
