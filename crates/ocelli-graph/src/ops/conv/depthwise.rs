//! Calls of `conv.depthwise`: groups of one input channel, with constant filters.

use ocelli_shaders::kernels::conv::depthwise::{Depthwise, depthwise};
use ocelli_shaders::kernels::row_window::{ColumnWindow, RowWindow};
use ocelli_shaders::{Elem, MAX_WORKGROUPS, Params};

use super::planar::{Plane, Planar, plane, vector_rows};
use super::operands::Operands;
use crate::plan::{Dispatch, LowerCx, View};
use crate::{OpError, TensorType};

/// Invocations of a workgroup.
const WORKGROUP: usize = 64;

/// Whether this algorithm can compute the convolution: small windows, whose taps become straight text.
pub(super) fn fits(op: &Planar, x: &View, constant: bool, y: &TensorType) -> bool {
    let plane = y.shape.iter().skip(2).product::<usize>();
    let (f, w) = (op.filters, op.window);
    let small = |k: usize, s: usize, d: usize| k <= 7 && s <= 4 && d <= 8;
    constant
        && !op.transposed
        && f.inputs == 1
        && f.groups > 1
        && (0..2).all(|i| small(w.kernel[i], w.strides[i], w.dilations[i]))
        && f.groups * f.outputs <= MAX_WORKGROUPS as usize
        && x.shape[0] <= MAX_WORKGROUPS as usize
        && plane <= MAX_WORKGROUPS as usize * WORKGROUP
}

/// Records the convolution.
pub(super) fn lower(op: &Planar, cx: &mut LowerCx<'_>, o: &Operands<'_>) -> Result<(), OpError> {
    let (f, w) = (op.filters, op.window);
    let (Plane { size: [in_h, in_w], strides: src }, Plane { size: [out_h, out_w], strides: to }) =
        (plane(o.x), plane(o.dst));
    let [(kh, kw), (sh, sw), (dh, dw)] = [w.kernel, w.strides, w.dilations].map(|[a, b]| (a as u32, b as u32));
    // Rows of outputs share rows of inputs; few rows are not worth it.
    let rows = if out_h % 4 == 0 || out_h > 16 { 4 } else { 2 };
    let v = Depthwise {
        column: ColumnWindow { kernel: kh, stride: sh, dilation: dh, rows },
        row: RowWindow { kernel: kw, stride: sw, dilation: dw, pad: w.begins[1] as i32 },
        aligned: vector_rows(o.x),
        aligned_store: o.stores_vectors(),
        width: cx.target().broadcast_width(),
        wide: cx.target().wide(),
    };
    let columns = if v.aligned { out_w.div_ceil(4) } else { out_w };
    let positions = out_h.div_ceil(rows as usize) * columns;
    let channels = f.groups * f.outputs;
    let taps = w.kernel[0] * w.kernel[1];
    let padded = v.padded_taps() as usize;
    let filters = cx.constant(1).ok_or_else(|| OpError::invalid("the filters are no constant"))?.clone();
    let weight = cx.packed(&format!("weight per channel, {padded} each"), Elem::F32, &[channels, padded], move || {
        let mut out = vec![0.0f32; channels * padded];
        for (from, to) in filters.to_f32s().chunks_exact(taps).zip(out.chunks_exact_mut(padded)) {
            to[..taps].copy_from_slice(from);
        }
        bytemuck::allocation::pod_collect_to_vec(&out)
    });
    let mut params = Params::new();
    for v in [in_h, in_w, out_h, out_w, 1, 1, f.outputs, w.kernel[0], w.kernel[1]] {
        params = params.u32(v);
    }
    params = w.strides.into_iter().chain(w.dilations).fold(params, Params::u32);
    params = params.i32(w.begins[0]).i32(w.begins[1]).u32(o.x.offset);
    for v in src.into_iter().chain([o.dst.offset]).chain(to).chain([positions, 0, 0]) {
        params = params.u32(v);
    }
    params = o.epilogue_params(params);
    let mut views = vec![o.x, &weight, o.bias];
    views.extend(o.written());
    cx.dispatch(Dispatch {
        kernel: depthwise(v, o.epilogue),
        params,
        views: &views,
        workgroups: [positions.div_ceil(WORKGROUP) as u32, channels as u32, o.x.shape[0] as u32],
        flops: 2 * (o.dst.elems() * taps) as u64,
    })
}
