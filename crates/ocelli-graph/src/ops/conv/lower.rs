use ocelli_shaders::kernels::conv::direct;
use ocelli_shaders::pointwise::Epilogue;
use ocelli_shaders::{Elem, Params};
use ocelli_tensor::Tensor;

use super::Conv;
use crate::OpError;
use crate::plan::{Accepts, Dispatch, LowerCx, View};

/// Lowers 1-D and 2-D convolutions to `conv.direct`.
pub(super) fn lower(op: &Conv, cx: &mut LowerCx<'_>) -> Result<(), OpError> {
    let (Some(w), x) = (cx.constant(1), cx.input(0)?) else {
        return Err(OpError::host_only("the weights are not constant"));
    };
    if x.shape.len() > 4 {
        return Err(OpError::host_only("more than two spatial dimensions"));
    }
    let (window, _) = super::geometry(&op.window, op.group, &x.shape, w.shape())?;
    let x = cx.rows(&x)?;
    let bias = cx.constant(2).map(Tensor::to_f32s);
    if bias.is_none() && cx.has_input(2) {
        return Err(OpError::host_only("the bias is not constant"));
    }
    let dst = cx.output(0, Accepts::Rows, &[&x])?;
    // Two spatial dimensions: one-dimensional input is a single row.
    let one = x.shape.len() == 3;
    let hw = |v: &[usize]| if one { (1, v[0]) } else { (v[0], v[1]) };
    let ((kh, kw), (sh, sw), (dh, dw)) = (hw(&window.kernel), hw(&window.strides), hw(&window.dilations));
    let (pad_top, pad_left) = if one { (0, window.pads[0]) } else { (window.pads[0], window.pads[1]) };
    let plane = |v: &View| if one { (1, v.shape[2], 0) } else { (v.shape[2], v.shape[3], v.strides[2]) };
    let ((in_h, in_w, src_y), (out_h, out_w, dst_y)) = (plane(&x), plane(&dst));

    let (icg, ocg) = (w.shape()[1], w.shape()[0] / op.group);
    let tile = direct::TILES.into_iter().rev().find(|t| t.oc as usize <= ocg.next_multiple_of(4)).unwrap_or(direct::TILES[0]);
    let toc = tile.oc as usize;
    let blocks = ocg.div_ceil(toc);
    let (weight, groups) = (w.clone(), op.group);
    let taps = icg * kh * kw;
    let packed = cx.packed(&format!("weight oihw->oihw{toc}"), Elem::F32, &[groups * blocks * taps * toc], move || {
        pack(&weight.to_f32s(), groups, ocg, taps, toc)
    });
    let bias = bias.unwrap_or_else(|| vec![0.0; ocg * groups]);
    let bias = cx.packed("bias", Elem::F32, &[bias.len()], move || bytemuck::allocation::pod_collect_to_vec(&bias));

    let strides = |v: &View, y: isize| [v.offset, v.strides[0] as usize, v.strides[1] as usize, y as usize];
    let mut params = Params::new();
    for x in [in_h, in_w, out_h, out_w, icg, ocg, groups, blocks, kh, kw, sh, sw, dh, dw] {
        params = params.u32(x);
    }
    params = params.i32(pad_top).i32(pad_left);
    for x in strides(&x, src_y).into_iter().chain(strides(&dst, dst_y)) {
        params = params.u32(x);
    }
    let [wx, wy, _] = direct::WORKGROUP;
    let batch = x.shape[0];
    let flops = 2 * (batch * groups * ocg * out_h * out_w * taps) as u64;
    cx.dispatch(Dispatch {
        kernel: direct::kernel(tile, &Epilogue::none()),
        params,
        views: &[&x, &packed, &bias, &dst],
        workgroups: [
            (out_w as u32).div_ceil(tile.x * wx),
            (out_h as u32).div_ceil(wy),
            (batch * groups * blocks) as u32,
        ],
        flops,
    })
}

/// `[groups * ocg, taps]` to `[groups, ceil(ocg / toc), taps, toc]`, padded with zeros.
fn pack(w: &[f32], groups: usize, ocg: usize, taps: usize, toc: usize) -> Vec<u8> {
    let blocks = ocg.div_ceil(toc);
    let mut out = vec![0.0f32; groups * blocks * taps * toc];
    for g in 0..groups {
        for o in 0..ocg {
            for t in 0..taps {
                out[((g * blocks + o / toc) * taps + t) * toc + o % toc] = w[(g * ocg + o) * taps + t];
            }
        }
    }
    bytemuck::allocation::pod_collect_to_vec(&out)
}
