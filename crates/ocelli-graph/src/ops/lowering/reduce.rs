use ocelli_shaders::kernels::reduce::{self as kernels, Finish, Fold};
use ocelli_shaders::{Params, linear_grid};

use crate::OpError;
use crate::plan::{Dispatch, LowerCx, View, collapse};

/// A reduction and what is done with its result.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reduction {
    pub fold: Fold,
    pub finish: Finish,
    /// Factor of the folded value.
    pub scale: f32,
    /// Whether the last of equal extrema is taken.
    pub last: bool,
    /// Added before [`Finish::InverseRoot`].
    pub epsilon: f32,
}

impl Reduction {
    /// The plain fold.
    pub fn of(fold: Fold) -> Reduction {
        Reduction { fold, finish: Finish::Scale, scale: 1.0, last: false, epsilon: 0.0 }
    }
}

/// `shape` with 1 for the reduced axes.
pub(crate) fn lane_shape(shape: &[usize], reduced: &[usize]) -> Vec<usize> {
    shape.iter().enumerate().map(|(a, &d)| if reduced.contains(&a) { 1 } else { d }).collect()
}

/// Lanes longer than this are folded in parts when there are few of them.
const LONG: usize = 1 << 14;
/// Workgroups that keep a device busy.
const BUSY: usize = 1 << 10;

/// Reduces the axes `reduced` of `src` into `dst`, which is dense and holds one element for each index over the other
/// axes. `shift` is dense in the same order.
pub(crate) fn reduce(
    cx: &mut LowerCx<'_>,
    op: Reduction,
    src: &View,
    reduced: &[usize],
    shift: Option<&View>,
    dst: &View,
) -> Result<(), OpError> {
    let kept: Vec<usize> = (0..src.shape.len()).filter(|a| !reduced.contains(a)).collect();
    let outer: usize = kept.iter().map(|&a| src.shape[a]).product();
    let count: usize = reduced.iter().map(|&a| src.shape[a]).product();
    let splits = count > LONG && outer * 4 < BUSY && !matches!(op.fold, Fold::ArgMax | Fold::ArgMin);
    if !splits {
        return stage(cx, op, src, (&kept, reduced), shift, (count, 1), dst);
    }
    let parts = (BUSY / outer.max(1)).min(count.div_ceil(LONG / 8)).max(1);
    let chunk = count.div_ceil(parts);
    let parts = count.div_ceil(chunk);
    let partial = cx.scratch(dst.elem, &[outer, parts]);
    stage(cx, Reduction::of(op.fold), src, (&kept, reduced), shift, (chunk, parts), &partial)?;
    let merge = Reduction { fold: op.fold.merge(), ..op };
    stage(cx, merge, &partial, (&[0], &[1]), None, (parts, 1), dst)
}

fn stage(
    cx: &mut LowerCx<'_>,
    op: Reduction,
    src: &View,
    (kept, reduced): (&[usize], &[usize]),
    shift: Option<&View>,
    (chunk, parts): (usize, usize),
    dst: &View,
) -> Result<(), OpError> {
    let part = |axes: &[usize]| {
        let view = src.transpose(axes);
        let (dims, mut strides) = collapse(&view.shape, std::slice::from_ref(&view));
        (dims, strides.remove(0))
    };
    let ((outer_dims, outer_strides), (dims, strides)) = (part(kept), part(reduced));
    if outer_dims.len() > 4 || dims.len() > 4 {
        if src.is_dense() {
            return Err(OpError::host_only("a reduction over more than four groups of axes"));
        }
        let dense = cx.dense(src)?;
        return stage(cx, op, &dense, (kept, reduced), shift, (chunk, parts), dst);
    }
    let outer: usize = outer_dims.iter().product();
    let count: usize = dims.iter().product();
    if outer == 0 {
        return Ok(());
    }
    let four = |v: &[usize]| -> [usize; 4] {
        let mut all = [1; 4];
        all[4 - v.len()..].copy_from_slice(v);
        all
    };
    let four_strides = |v: &[isize]| -> [isize; 4] {
        let mut all = [0; 4];
        all[4 - v.len()..].copy_from_slice(v);
        all
    };
    let (od, rd) = (four(&outer_dims), four(&dims));
    let mut params = Params::new().u32(outer).u32(count).u32(chunk).u32(parts);
    for x in [od[1], od[2], od[3], rd[1], rd[2], rd[3], src.offset, usize::from(dims.len() == 1)] {
        params = params.u32(x);
    }
    for s in four_strides(&outer_strides).into_iter().chain(four_strides(&strides)) {
        params = params.i32(s as i64);
    }
    let last = if op.finish == Finish::InverseRoot { op.epsilon.to_bits() as usize } else { usize::from(op.last) };
    params = params.u32(op.finish as usize).f32(op.scale).u32(shift.map_or(0, |s| s.offset)).u32(last);
    // Lanes that lie one behind another are read by a workgroup together; else neighbouring lanes are.
    let together = strides.last().is_some_and(|&s| s.abs() == 1) || outer * parts < BUSY;
    let workgroup = chunk.min(count) >= 32 && together;
    let results = outer * parts;
    let mut views = vec![src, dst];
    views.extend(shift);
    cx.dispatch(Dispatch {
        kernel: kernels::kernel(op.fold, src.elem, workgroup),
        params,
        views: &views,
        workgroups: linear_grid(if workgroup { results * 64 } else { results }, kernels::WORKGROUP),
        flops: (outer * count) as u64,
    })
}
