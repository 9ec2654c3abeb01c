//! Calls of `conv.implicit_gemm`: convolutions of planes with constant filters as products in blocks.

use ocelli_shaders::kernels::conv::implicit_gemm::{self as kernels, Form, NOWHERE};
use ocelli_shaders::kernels::tiles::Block;
use ocelli_shaders::{Elem, Params, linear_grid};

use super::planar::{Filters, Planar, Plane, Window2, plane};
use super::operands::Operands;
use crate::OpError;
use crate::ops::fused::{MAIN_INPUTS, Split};
use crate::ops::lowering::blocks;
use crate::plan::{Dispatch, LowerCx, View};

/// Operands of the epilogue beside which the kernel keeps to eight storage buffers.
const MOST_OPERANDS: usize = 2;
/// Channels and depth below which a product in blocks is mostly padding.
const LEAST: usize = 16;

/// What candidates are called, in front of the block's name.
pub(super) const NAME: &str = "implicit_gemm";

/// The blocks in which the convolution could be computed, the best first.
pub(super) fn variants(op: &Planar, cx: &LowerCx<'_>) -> Result<Vec<Block>, OpError> {
    let y = &cx.nominal(cx.output_type(0)?);
    let operands = cx.node().inputs.len().saturating_sub(MAIN_INPUTS);
    if op.transposed || cx.constant(1).is_none() || op.filters.inputs == 0 || operands > MOST_OPERANDS {
        return Ok(Vec::new());
    }
    let positions = y.shape.iter().skip(2).product();
    let batch = y.shape.first().copied().unwrap_or(0) * op.filters.groups;
    Ok(blocks(cx.target(), batch, op.filters.outputs, positions))
}

/// Whether blocks are filled well enough to be preferred on a GPU.
pub(super) fn worthwhile(op: &Planar) -> bool {
    let taps: usize = op.window.kernel.iter().product();
    op.filters.outputs >= LEAST && op.filters.inputs * taps >= LEAST
}

/// Whether the positions (rows behind one another) of a view are runs of whole vectors of four.
fn vector_positions(v: &View) -> bool {
    let Plane { size: [h, w], strides: [n, c, y, x] } = plane(v);
    let whole = |s: usize, d: usize| s % 4 == 0 || d == 1;
    h * w % 4 == 0
        && (x == 1 || w == 1)
        && (y == w || h == 1)
        && v.offset % 4 == 0
        && whole(n, v.shape[0])
        && whole(c, v.shape[1])
        && (w > 1 || y == 1)
}

/// Records the convolution in blocks of this size.
pub(super) fn lower(op: &Planar, cx: &mut LowerCx<'_>, o: &Operands<'_>, block: Block) -> Result<(), OpError> {
    let Filters { groups, outputs, inputs, .. } = op.filters;
    let Window2 { kernel, strides: [sh, sw], begins: [top, left], .. } = op.window;
    let (Plane { size: [in_h, in_w], strides: src }, Plane { size: [out_h, out_w], strides: to }) =
        (plane(o.x), plane(o.dst));
    let one = kernel == [1, 1] && (sh, sw, top, left) == (1, 1, 0, 0) && [in_h, in_w] == [out_h, out_w];
    let form = Form { pointwise: one && vector_positions(o.x), vectors: o.split.is_none_or(Split::is_aligned) && vector_positions(o.dst) };
    let (positions, taps) = (out_h * out_w, kernel[0] * kernel[1]);
    let depth = (inputs * taps).next_multiple_of(block.k as usize);
    let m4 = outputs.next_multiple_of(block.m as usize) / 4;
    let weight = filters(op.filters, cx, taps, [groups, depth, m4 * 4])?;
    let batch = o.x.shape[0];
    let mut params = Params::new();
    for v in [in_h, in_w, out_w, positions, inputs, outputs, groups, batch, sh, sw] {
        params = params.u32(v);
    }
    params = params.i32(top).i32(left).u32(o.x.offset);
    for v in src.into_iter().chain([o.dst.offset]).chain(to).chain([depth, m4]) {
        params = params.u32(v);
    }
    params = o.epilogue_params(params);
    let table = (!form.pointwise).then(|| table(op, cx, src, depth));
    let mut views = vec![o.x, &weight, o.bias];
    views.extend(o.written());
    views.extend(&table);
    let count = outputs.div_ceil(block.m as usize) * positions.div_ceil(block.n as usize) * groups * batch;
    cx.dispatch(Dispatch {
        kernel: kernels::kernel(block, form, o.epilogue),
        params,
        views: &views,
        workgroups: linear_grid(count, 1),
        flops: (2 * batch * groups * outputs * positions * inputs * taps) as u64,
    })
}

/// The filters as `[groups, depth, channels]`, where depth counts taps and then input channels; zeros past the last.
fn filters(f: Filters, cx: &mut LowerCx<'_>, taps: usize, shape: [usize; 3]) -> Result<View, OpError> {
    let w = cx.constant(1).ok_or_else(|| OpError::invalid("the filters are no constant"))?.clone();
    let [groups, depth, channels] = shape;
    Ok(cx.packed(&format!("weight oihw->g(hwi{depth})o{channels}"), Elem::F32, &shape, move || {
        let values = w.to_f32s();
        let mut out = vec![0.0f32; groups * depth * channels];
        for g in 0..groups {
            for t in 0..taps {
                for i in 0..f.inputs {
                    let row = (g * depth + t * f.inputs + i) * channels;
                    for o in 0..f.outputs {
                        out[row + o] = values[f.position(g, o, i) * taps + t];
                    }
                }
            }
        }
        bytemuck::allocation::pod_collect_to_vec(&out)
    }))
}

/// Where the input of each k lies: `[depth, 4]`.
fn table(op: &Planar, cx: &mut LowerCx<'_>, [_, c, y, x]: [usize; 4], depth: usize) -> View {
    let (w, inputs) = (op.window, op.filters.inputs);
    cx.packed(&format!("taps {depth}"), Elem::I32, &[depth, 4], move || {
        let row = |k: usize| {
            let (tap, channel) = (k / inputs, k % inputs);
            let [dy, dx] = [tap / w.kernel[1] * w.dilations[0], tap % w.kernel[1] * w.dilations[1]];
            if tap < w.kernel[0] * w.kernel[1] {
                [(channel * c + dy * y + dx * x) as i32, dy as i32, dx as i32, 0]
            } else {
                NOWHERE
            }
        };
        bytemuck::allocation::pod_collect_to_vec(&(0..depth).flat_map(row).collect::<Vec<i32>>())
    })
}
