//! Pools over windows, over everything, and back.

use ocelli_graph::ops::global_pool::{GlobalPool, GlobalPoolKind};
use ocelli_graph::ops::max_roi_pool::MaxRoiPool;
use ocelli_graph::ops::max_unpool::MaxUnpool;
use ocelli_graph::ops::pool::{Pool, PoolKind};
use ocelli_graph::ops::roi_align::{RoiAlign, RoiMode};

use super::Convert;
use super::window::window;
use crate::ImportError;
use crate::attributes::type_of;
use crate::node::{Converted, NodeCx};
use crate::proto::attribute_type;

pub(super) const OPS: &[(&str, Convert)] = &[
    ("AveragePool", |cx| {
        let count_include_pad = cx.attributes().flag("count_include_pad", false)?;
        pool(cx, PoolKind::Average { count_include_pad })
    }),
    ("GlobalAveragePool", |cx| cx.push(GlobalPool { kind: GlobalPoolKind::Average })),
    ("GlobalLpPool", |cx| {
        let p = norm(cx)?;
        cx.push(GlobalPool { kind: GlobalPoolKind::Lp { p } })
    }),
    ("GlobalMaxPool", |cx| cx.push(GlobalPool { kind: GlobalPoolKind::Max })),
    ("LpPool", |cx| {
        let p = norm(cx)?;
        pool(cx, PoolKind::Lp { p })
    }),
    ("MaxPool", |cx| {
        let column_major = cx.attributes().flag("storage_order", false)?;
        pool(cx, PoolKind::Max { column_major })
    }),
    ("MaxRoiPool", |cx| {
        let attributes = cx.attributes();
        let shape = attributes.sizes("pooled_shape")?;
        let pooled_shape = <[usize; 2]>::try_from(shape)
            .map_err(|v| attributes.error("pooled_shape", format!("expected 2 numbers, got {}", v.len())))?;
        cx.push(MaxRoiPool { pooled_shape, spatial_scale: attributes.float_or("spatial_scale", 1.0)? })
    }),
    ("MaxUnpool", |cx| {
        let window = window(cx)?;
        cx.push(MaxUnpool { window })
    }),
    ("RoiAlign", roi_align),
];

fn pool(cx: &mut NodeCx<'_>, kind: PoolKind) -> Converted {
    cx.attributes().required_ints("kernel_shape")?;
    let ceil_mode = cx.attributes().flag("ceil_mode", false)?;
    let window = window(cx)?;
    cx.push(Pool { kind, window, ceil_mode })
}

/// The order of the norm: a float in version 1, an integer since.
fn norm(cx: &NodeCx<'_>) -> Result<f32, ImportError> {
    let attributes = cx.attributes();
    if attributes.raw("p").is_some_and(|p| type_of(p) == attribute_type::FLOAT) {
        return attributes.float_or("p", 2.0);
    }
    let p = attributes.int_or("p", 2)?;
    let small = u16::try_from(p).ok().filter(|&p| p > 0);
    Ok(f32::from(small.ok_or_else(|| attributes.error("p", format!("expected 1 to 65535, got {p}")))?))
}

/// Before version 16 coordinates were not shifted by half a pixel.
fn roi_align(cx: &mut NodeCx<'_>) -> Converted {
    let attributes = cx.attributes();
    let half_pixel = cx.version >= 16
        && attributes
            .choice("coordinate_transformation_mode", &[("half_pixel", true), ("output_half_pixel", false)])?;
    cx.push(RoiAlign {
        mode: attributes.choice("mode", &[("avg", RoiMode::Avg), ("max", RoiMode::Max)])?,
        half_pixel,
        output_height: attributes.size("output_height")?.unwrap_or(1),
        output_width: attributes.size("output_width")?.unwrap_or(1),
        sampling_ratio: attributes.size("sampling_ratio")?.unwrap_or(0),
        spatial_scale: attributes.float_or("spatial_scale", 1.0)?,
    })
}
