use ocelli_shaders::kernels::resize::{self, Combine};
use ocelli_shaders::{Elem, Params};

use super::taps::{Axis, Taps};
use super::window::Windows;
use super::{CoordinateMode, Request, Resize, ResizeMode};
use crate::OpError;
use crate::plan::{Accepts, Dispatch, LowerCx, View};

/// Two axes go in one pass when an output needs no more taps than this; two passes are cheaper beyond.
const FUSED_TAPS: usize = 4;

/// One pass per axis that changes, or one for the last two when their filters are short.
pub(super) fn lower(op: &Resize, cx: &mut LowerCx<'_>) -> Result<(), OpError> {
    for i in 1..4 {
        let ignored = i == 1 && op.coordinate_transformation_mode != CoordinateMode::TfCropAndResize;
        if !ignored && cx.has_input(i) && cx.constant(i).is_none() && cx.input_type(i)?.elems() > 0 {
            return Err(OpError::host_only("roi, scales or sizes are not constant"));
        }
    }
    let x = cx.input(0)?;
    if x.elem != Elem::F32 && op.mode != ResizeMode::Nearest {
        return Err(OpError::host_only("a weighted sum of integers"));
    }
    let axes = op.resolved(&x.shape, &Request::new(|i| cx.constant(i)))?;
    let changed: Vec<usize> = (0..axes.len()).filter(|&i| !axes[i].is_identity(op)).collect();
    let tables: Vec<Table> = changed.iter().map(|&i| Table::new(&axes[i], op)).collect();
    let mut passes: Vec<(Option<usize>, usize)> = Vec::new();
    let rank = axes.len();
    let pair = match (&changed[..], &tables[..]) {
        ([.., y, _], [.., ty, tx]) => *y + 2 == rank && ty.taps * tx.taps <= FUSED_TAPS,
        _ => false,
    };
    let single = if pair { changed.len() - 2 } else { changed.len() };
    passes.extend((0..single).map(|t| (None, t)));
    if pair {
        passes.push((Some(single), single + 1));
    }
    // Axes that shrink come first, so that the others have less to do.
    passes.sort_by(|a, b| {
        let growth = |p: &(Option<usize>, usize)| {
            let one = |t: usize| axes[changed[t]].output as f64 / axes[changed[t]].input.max(1) as f64;
            p.0.map_or(1.0, one) * one(p.1)
        };
        growth(a).total_cmp(&growth(b))
    });
    if passes.is_empty() {
        cx.set_output(0, x);
        return Ok(());
    }
    let out = cx.output(0, Accepts::Strided, &[&x])?;
    let mut current = x;
    for (n, &(y, x)) in passes.iter().enumerate() {
        let mut shape = current.shape.clone();
        for t in y.iter().chain([&x]) {
            shape[changed[*t]] = axes[changed[*t]].output;
        }
        let to = if n + 1 == passes.len() { out.clone() } else { cx.scratch(current.elem, &shape) };
        pass(op, cx, &current, &to, y.map(|t| (changed[t], &tables[t])), (changed[x], &tables[x]))?;
        current = to;
    }
    Ok(())
}

/// The taps of one axis, all padded to the same number.
pub(super) struct Table {
    pub taps: usize,
    pub rows: Vec<Option<Taps>>,
}

impl Table {
    fn new(axis: &Axis, op: &Resize) -> Table {
        let rows: Vec<Option<Taps>> = (0..axis.output).map(|x| axis.taps(x, op)).collect();
        let taps = rows.iter().flatten().map(Vec::len).max().unwrap_or(1);
        Table { taps, rows }
    }

    /// Pairs of index and weight.
    pub fn words(&self) -> Vec<u32> {
        let mut words = Vec::with_capacity(self.rows.len() * self.taps * 2);
        for row in &self.rows {
            for t in 0..self.taps {
                let (index, weight) = match row {
                    None => (resize::NONE, 0.0),
                    // A further tap repeats the first element without weight.
                    Some(row) => row
                        .get(t)
                        .map(|&(i, w)| (i as u32, w as f32))
                        .unwrap_or((row.first().map_or(0, |r| r.0 as u32), 0.0)),
                };
                words.extend([index, weight.to_bits()]);
            }
        }
        words
    }
}

/// A view as `[n, c, y, x]` for the kernel.
pub(super) struct Plane {
    pub shape: [usize; 4],
    pub src: [isize; 4],
    pub dst: [isize; 4],
}

fn pass(op: &Resize, cx: &mut LowerCx<'_>, src: &View, dst: &View, y: Option<(usize, &Table)>, x: (usize, &Table)) -> Result<(), OpError> {
    if dst.elems() == 0 {
        return Ok(());
    }
    let forward = |v: &View| v.is_forward();
    let resized: Vec<usize> = y.iter().map(|y| y.0).chain([x.0]).collect();
    if let Some((plane, first_is_y)) = fold(src, dst, &resized).filter(|_| forward(src) && forward(dst)) {
        let (table_y, table_x) = match y {
            Some((_, ty)) => (Some(ty), Some(x.1)),
            None if first_is_y => (Some(x.1), None),
            None => (None, Some(x.1)),
        };
        return dispatch(op, cx, src, dst, &plane, table_y, table_x);
    }
    let src = cx.dense(src)?;
    let to = cx.scratch(dst.elem, &dst.shape);
    let (plane, first_is_y) = fold(&src, &to, &resized).ok_or_else(|| OpError::invalid("dense tensors that do not fold"))?;
    let (table_y, table_x) = match y {
        Some((_, ty)) => (Some(ty), Some(x.1)),
        None if first_is_y => (Some(x.1), None),
        None => (None, Some(x.1)),
    };
    dispatch(op, cx, &src, &to, &plane, table_y, table_x)?;
    cx.copy(&to, dst)
}

/// Merges the dimensions that are not resized into at most `[n, c, y, x]`; also tells whether a single resized dimension
/// became y. `None` when the strides allow no such merging.
fn fold(src: &View, dst: &View, resized: &[usize]) -> Option<(Plane, bool)> {
    // (size, source stride, destination stride, resized)
    let mut dims: Vec<(usize, isize, isize, bool)> = Vec::new();
    for i in 0..dst.shape.len() {
        let dim = (dst.shape[i], src.strides[i], dst.strides[i], resized.contains(&i));
        if dim.0 == 1 && !dim.3 {
            continue;
        }
        match dims.last_mut() {
            Some(last) if !last.3 && !dim.3 && last.1 == dim.1 * dim.0 as isize && last.2 == dim.2 * dim.0 as isize => {
                *last = (last.0 * dim.0, dim.1, dim.2, false);
            }
            _ => dims.push(dim),
        }
    }
    let behind = dims.iter().rev().take_while(|d| !d.3).count();
    let first_is_y = resized.len() == 1 && behind == 1;
    if behind > usize::from(first_is_y) || dims.len() > 4 {
        return None;
    }
    let mut plane = Plane { shape: [1; 4], src: [0; 4], dst: [0; 4] };
    let free = 4 - dims.len();
    for (i, d) in dims.iter().enumerate() {
        (plane.shape[free + i], plane.src[free + i], plane.dst[free + i]) = (d.0, d.1, d.2);
    }
    Some((plane, first_is_y))
}

fn dispatch(
    op: &Resize,
    cx: &mut LowerCx<'_>,
    src: &View,
    dst: &View,
    plane: &Plane,
    y: Option<&Table>,
    x: Option<&Table>,
) -> Result<(), OpError> {
    if op.mode != ResizeMode::Nearest && src.elem == Elem::F32 {
        let input = src.shape.last().copied().unwrap_or(1);
        if let Some(windows) = x.and_then(|x| Windows::new(x, input)) {
            if windows.dispatch(cx, src, dst, plane, y)? {
                return Ok(());
            }
        }
    }
    let words: Vec<u32> = [y, x].into_iter().flatten().flat_map(Table::words).collect();
    let table_x = y.map_or(0, |t| t.words().len());
    let label = format!("taps of {} elements", words.len() / 2);
    let table = cx.packed(&label, Elem::U32, &[words.len()], move || bytemuck::allocation::pod_collect_to_vec(&words));
    let taps = |t: Option<&Table>| t.map_or(0, |t| t.taps);
    let [n, c, out_h, out_w] = plane.shape;
    let mut params = Params::new().u32(out_w).u32(out_h).u32(n * c).u32(c);
    params = params.u32(taps(x)).u32(taps(y)).u32(table_x).u32(0);
    for (view, strides) in [(src, &plane.src), (dst, &plane.dst)] {
        params = params.u32(view.offset);
        for &s in strides {
            params = params.u32(s as usize);
        }
    }
    let params = params.f32(op.extrapolation_value);
    let combine = if op.mode == ResizeMode::Nearest { Combine::First(src.elem) } else { Combine::Weighted };
    let flops = if op.mode == ResizeMode::Nearest { 0 } else { 2 * dst.elems() * taps(x).max(1) * taps(y).max(1) };
    cx.dispatch(Dispatch {
        kernel: resize::kernel(combine),
        params,
        views: &[src, &table, dst],
        workgroups: resize::grid(out_w, out_h, n * c),
        flops: flops as u64,
    })
}
