use ocelli_shaders::kernels::conv::deformable;
use ocelli_shaders::pointwise::Epilogue;
use ocelli_shaders::{Params, linear_grid};

use super::DeformConv;
use crate::OpError;
use crate::ops::conv::geometry;
use crate::ops::conv::planar::{Filters, Plane, bias, hw, plane};
use crate::plan::{Accepts, Dispatch, LowerCx};

/// Lowers to `conv.deformable`.
pub(super) fn lower(op: &DeformConv, cx: &mut LowerCx<'_>) -> Result<(), OpError> {
    let (x, w) = (cx.input(0)?, cx.input_type(1)?);
    if x.shape.len() != 4 {
        return Err(OpError::host_only("other than two spatial dimensions"));
    }
    if x.elems() == 0 {
        return Err(OpError::host_only("an empty tensor"));
    }
    let x = if x.is_forward() { x } else { cx.dense(&x)? };
    let (window, _) = geometry(&op.window, op.group, &x.shape, &w.shape)?;
    let window = hw(&window)?;
    let filters = Filters {
        groups: op.group,
        outputs: w.shape[0] / op.group.max(1),
        inputs: w.shape[1],
        inputs_first: false,
    };
    let toc = filters.tile(cx.constant(1).is_some(), &deformable::TILES);
    let weight = filters.packed(cx, toc)?;
    let bias = bias(cx, 3, w.shape[0])?;
    let offsets = cx.dense_input(2)?;
    let mask = cx.has_input(4).then(|| cx.dense_input(4)).transpose()?;
    let mut reads = vec![&x, &weight, &bias, &offsets];
    reads.extend(&mask);
    let dst = cx.output(0, Accepts::Rows, &reads)?;
    if dst.elems() == 0 {
        return Ok(());
    }
    let blocks = filters.outputs.div_ceil(toc);
    let (Plane { size: [in_h, in_w], strides: src }, Plane { size: [out_h, out_w], strides: to }) = (plane(&x), plane(&dst));
    let ([kh, kw], [sh, sw], [dh, dw]) = (window.kernel, window.strides, window.dilations);
    let sizes = [in_h, in_w, out_h, out_w, filters.inputs, filters.outputs, filters.groups, blocks, kh, kw, sh, sw, dh, dw];
    let params = sizes.into_iter().fold(Params::new(), Params::u32).i32(window.begins[0]).i32(window.begins[1]);
    let places = [x.offset].into_iter().chain(src).chain([dst.offset]).chain(to);
    let rest = [x.shape[0], op.offset_group, x.shape[1] / op.offset_group, offsets.offset, mask.as_ref().map_or(0, |m| m.offset), 0];
    let params = places.chain(rest).fold(params, Params::u32);
    let outputs = dst.elems() as u64;
    let mut views = reads.clone();
    views.push(&dst);
    let tiles = (out_h * out_w).div_ceil(deformable::WORKGROUP as usize);
    cx.dispatch(Dispatch {
        kernel: deformable::kernel(toc as u32, mask.is_some(), &Epilogue::none()),
        params,
        views: &views,
        workgroups: linear_grid(x.shape[0] * filters.groups * blocks * tiles, 1),
        flops: 2 * outputs * (filters.inputs * kh * kw) as u64,
    })
}
