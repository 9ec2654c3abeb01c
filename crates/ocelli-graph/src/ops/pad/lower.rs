use ocelli_shaders::kernels::pad;
use ocelli_shaders::{Params, linear_grid};
use ocelli_tensor::Tensor;

use super::{Axis, Pad, PadMode};
use crate::OpError;
use crate::plan::{Accepts, Dispatch, LowerCx, View, device_words};

pub(super) fn lower(op: &Pad, cx: &mut LowerCx<'_>) -> Result<(), OpError> {
    let i64s = |cx: &LowerCx<'_>, i| cx.constant(i).map(Tensor::to_i64s);
    let (Some(pads), axes) = (i64s(cx, 1), i64s(cx, 3)) else {
        return Err(OpError::host_only("the pads are not constant"));
    };
    if cx.has_input(2) && cx.constant(2).is_none() {
        return Err(OpError::host_only("the value is not constant"));
    }
    let x = cx.input(0)?;
    let axes = op.resolved(&x.shape, &pads, axes.as_deref())?;
    let mut value = 0;
    if let Some(constant) = cx.constant(2) {
        let words = device_words(constant, x.elem);
        value = words.first_chunk().map_or(0, |w| u32::from_le_bytes(*w));
    }
    crop_and_pad(cx, &x, &axes, op.mode, value)
}

/// Makes output 0 of `x`: a view where nothing is added. `value` is the bits of the constant.
pub(crate) fn crop_and_pad(cx: &mut LowerCx<'_>, x: &View, axes: &[Axis], mode: PadMode, value: u32) -> Result<(), OpError> {
    let mut view = x.clone();
    for (i, a) in axes.iter().enumerate() {
        view = view.slice(i, if a.len == 0 { 0 } else { a.crop }, a.len, 1);
    }
    if axes.iter().all(|a| a.len == a.out) {
        cx.set_output(0, view);
        return Ok(());
    }
    let out = cx.output(0, Accepts::Strided, &[x])?;
    if let Some(call) = collapse(&view, &out, axes) {
        return dispatch(cx, &view, &out, &call, mode, value);
    }
    // Too many dimensions for one call: one padded dimension after the other, through dense intermediates.
    let padded: Vec<usize> = (0..axes.len()).filter(|&i| axes[i].len != axes[i].out).collect();
    let mut view = cx.dense(&view)?;
    for (n, &i) in padded.iter().enumerate() {
        let mut shape = view.shape.clone();
        shape[i] = axes[i].out;
        let kept = |d: usize| Axis { crop: 0, len: d, begin: 0, out: d };
        let step: Vec<Axis> = (0..shape.len()).map(|k| if k == i { axes[i] } else { kept(shape[k]) }).collect();
        let to = cx.scratch(view.elem, &shape);
        let call = collapse(&view, &to, &step).ok_or_else(|| OpError::host_only("more than four dimensions"))?;
        dispatch(cx, &view, &to, &call, mode, value)?;
        view = to;
        if n + 1 == padded.len() {
            cx.copy(&view, &out)?;
        }
    }
    Ok(())
}

/// A dimension of a call: as [`Axis`], with the strides of source and destination.
#[derive(Clone, Copy)]
struct Dim {
    out: usize,
    begin: usize,
    len: usize,
    src: isize,
    dst: isize,
}

/// The dimensions without those of size 1, neighbours that are not padded merged; `None` when more than four are left.
fn collapse(src: &View, dst: &View, axes: &[Axis]) -> Option<[Dim; pad::RANK]> {
    let mut dims: Vec<Dim> = Vec::new();
    for (i, a) in axes.iter().enumerate() {
        let dim = Dim { out: a.out, begin: a.begin, len: a.len, src: src.strides[i], dst: dst.strides[i] };
        let plain = |d: &Dim| d.out == d.len;
        if plain(&dim) && dim.out == 1 {
            continue;
        }
        match dims.last_mut() {
            Some(last)
                if plain(last) && plain(&dim) && last.src == dim.src * dim.out as isize && last.dst == dim.dst * dim.out as isize =>
            {
                let out = last.out * dim.out;
                *last = Dim { out, len: out, ..dim };
            }
            _ => dims.push(dim),
        }
    }
    let mut call = [Dim { out: 1, begin: 0, len: 1, src: 0, dst: 0 }; pad::RANK];
    let free = call.len().checked_sub(dims.len())?;
    call[free..].copy_from_slice(&dims);
    Some(call)
}

fn dispatch(cx: &mut LowerCx<'_>, src: &View, dst: &View, call: &[Dim; pad::RANK], mode: PadMode, value: u32) -> Result<(), OpError> {
    let count = dst.elems();
    if count == 0 {
        return Ok(());
    }
    let mode = match mode {
        PadMode::Constant => 0,
        PadMode::Reflect => 1,
        PadMode::Edge => 2,
        PadMode::Wrap => 3,
    };
    let mut params = Params::new().u32(count).u32(src.offset).u32(dst.offset).u32(mode).u32(value as usize).align16();
    for field in [|d: &Dim| d.out as i64, |d: &Dim| d.begin as i64, |d: &Dim| d.len as i64, |d: &Dim| d.src as i64, |d: &Dim| d.dst as i64] {
        for d in call {
            params = params.i32(field(d));
        }
    }
    cx.dispatch(Dispatch {
        kernel: pad::kernel(src.elem),
        params,
        views: &[src, dst],
        workgroups: linear_grid(count, pad::WORKGROUP),
        flops: 0,
    })
}
