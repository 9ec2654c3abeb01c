use ocelli_shaders::kernels::conv::broadcast::Tile;
use ocelli_shaders::kernels::matmul::{self as kernels, Direct, Layout};
use ocelli_shaders::kernels::tiles::Block;
use ocelli_shaders::pointwise::{Epilogue, Program};
use ocelli_shaders::{MAX_WORKGROUPS, Params};

use super::{blocks, expect_floats};
use crate::OpError;
use crate::plan::{Dispatch, LowerCx, View, collapse};

/// Terms of a sum below which blocks are mostly padding.
const LEAST_DEPTH: usize = 4;

/// A further input of a product's epilogue: a view that broadcasts to `[rows, columns]`.
pub(crate) type Extra<'a> = &'a View;

/// `dst = epilogue(a * b)` for `a` of `[batch..., m, k]`, `b` of `[batch..., k, n]` and `dst` of `[batch..., m, n]`, whose
/// rows have no gaps. Dimensions of 1 in the batch repeat.
pub(crate) fn product(
    cx: &mut LowerCx<'_>,
    a: &View,
    b: &View,
    dst: &View,
    epilogue: Option<Program>,
    extra: &[Extra<'_>],
) -> Result<(), OpError> {
    expect_floats(&[a, b, dst])?;
    let rank = dst.shape.len();
    let [.., m, n] = dst.shape[..] else {
        return Err(OpError::invalid("a product without rows and columns"));
    };
    let k = a.shape.last().copied().unwrap_or(0);
    if dst.elems() == 0 {
        return Ok(());
    }
    if k == 0 {
        return Err(OpError::host_only("a sum over nothing"));
    }
    let forward = |cx: &mut LowerCx<'_>, v: &View| {
        if v.is_forward() { Ok(v.clone()) } else { cx.dense(v) }
    };
    let (a, b) = (forward(cx, a)?, forward(cx, b)?);
    let batch = dst.shape[..rank - 2].to_vec();
    // The batch part of each view, broadcast.
    let outer = |v: &View| {
        let dims = v.shape.len() - 2;
        View { shape: v.shape[..dims].to_vec(), strides: v.strides[..dims].to_vec(), ..v.clone() }.broadcast(&batch)
    };
    let (dims, strides) = collapse(&batch, &[outer(&a), outer(&b), outer(dst)]);
    if dims.len() > 3 {
        return Err(OpError::host_only("a product over more than three groups of batch dimensions"));
    }
    let three = |v: &[isize]| -> [usize; 3] {
        let mut all = [0; 3];
        all[3 - v.len()..].iter_mut().zip(v).for_each(|(to, &s)| *to = s.max(0) as usize);
        all
    };
    let mut sizes = [1; 3];
    sizes[3 - dims.len()..].copy_from_slice(&dims);
    let count: usize = dims.iter().product();
    let (sa, sb, sd) = (three(&strides[0]), three(&strides[1]), three(&strides[2]));
    let inner = |v: &View| {
        let r = v.shape.len();
        (v.strides[r - 2].max(0) as usize, v.strides[r - 1].max(0) as usize)
    };
    let ((a_row, a_col), (b_row, b_col)) = (inner(&a), inner(&b));
    let mut params = Params::new();
    for x in [m, n, k, count, sizes[1], sizes[2], a.offset, a_row, a_col, sa[0], sa[1], sa[2]] {
        params = params.u32(x);
    }
    for x in [b.offset, b_row, b_col, sb[0], sb[1], sb[2], dst.offset, inner(dst).0, sd[0], sd[1], sd[2], 0] {
        params = params.u32(x);
    }
    let epilogue =
        epilogue.map_or_else(Epilogue::none, |program| Epilogue { program, per_channel: Vec::new(), split: false });
    for view in extra {
        let v = view.broadcast(&[m, n]);
        for x in [v.offset, 0, 0, v.strides[0].max(0) as usize, v.strides[1].max(0) as usize] {
            params = params.u32(x);
        }
    }
    let mut views: Vec<&View> = vec![&a, &b, dst];
    views.extend(extra);
    let flops = 2 * (count * m * n) as u64 * k as u64;
    let direct = Direct::choose(count, m, n);
    let mut candidates = vec![direct.name()];
    // Vectors of four: whole rows of A, of B along one of its dimensions, and of the result.
    let whole = |values: &[usize]| values.iter().all(|v| v % 4 == 0);
    let columns = b_row == 1;
    let along = if columns {
        k % 4 == 0 && whole(&[b_col])
    } else {
        b_col == 1 && whole(&[n, b_row, dst.offset, inner(dst).0]) && whole(&sd)
    };
    let vectors = a_col == 1 && along && whole(&[k, a.offset, a_row, b.offset]) && whole(&sa) && whole(&sb);
    let width = cx.target().broadcast_width();
    let grid = n.div_ceil(32).max(m) <= MAX_WORKGROUPS as usize;
    if vectors && grid && width > 0 {
        candidates.insert(usize::from(!cx.target().software), "broadcast".to_owned());
    }
    let rounds = cx.may_round(&a) && cx.may_round(&b);
    let fits = |b: &Block| {
        let grid = n.div_ceil(b.n as usize).max(m.div_ceil(b.m as usize)) <= MAX_WORKGROUPS as usize;
        grid && k >= LEAST_DEPTH && (rounds || !b.rounds())
    };
    let blocks: Vec<Block> = blocks(cx.target(), count, m, n).into_iter().filter(fits).collect();
    let names = blocks.iter().map(Block::label);
    if cx.target().software {
        // Blocks where operands are no vectors and rows and columns many.
        let first = m.min(n) >= 16 && k >= 16 && count * m * n >= 1024;
        let matrices = blocks.iter().filter(|b| b.is_cooperative()).count();
        let at = if first { candidates.len() - 1 } else { candidates.len() };
        candidates.splice(at..at, names.clone().skip(matrices));
        candidates.extend(names.take(matrices));
    } else {
        let at = if m.min(n) >= 16 && count * m * n >= 1024 { 0 } else { candidates.len() };
        candidates.splice(at..at, names);
    }
    let key = format!("matmul {count}x[{m}, {k}]x[{k}, {n}]{}", if columns { " transposed" } else { "" });
    let taken = cx.choose(key, candidates);
    if let Some(block) = blocks.iter().find(|b| b.label() == taken) {
        let along = |e: usize, sizes: &[usize]| e == 1 && whole(sizes);
        let layout = |e: usize, k_stride: usize, extent: usize, offset: usize, outer: &[usize; 3]| {
            if along(e, &[extent, k_stride, offset]) && whole(outer) {
                Layout::Along
            } else if along(k_stride, &[k, e, offset]) && whole(outer) {
                Layout::Across
            } else if k_stride == 1 {
                Layout::AnyAcross
            } else {
                Layout::Any
            }
        };
        let (la, lb) = (layout(a_row, a_col, m, a.offset, &sa), layout(b_col, b_row, n, b.offset, &sb));
        let vectors = whole(&[n, dst.offset, inner(dst).0]) && whole(&sd);
        return cx.dispatch(Dispatch {
            kernel: kernels::tiled(*block, la, lb, vectors, &epilogue),
            params,
            views: &views,
            workgroups: [
                (n as u32).div_ceil(block.n),
                (m as u32).div_ceil(block.m),
                (count as u32).min(MAX_WORKGROUPS),
            ],
            flops,
        });
    }
    if taken == "broadcast" {
        let tile_m = [1, 4, 8, 16, 32].into_iter().min_by_key(|t| m.div_ceil(*t) * (24 + t)).unwrap_or(8);
        let tile = Tile { m: tile_m as u32, n: 4, width };
        let invocations = n.div_ceil(4);
        // Few invocations a workgroup, so that one pipeline serves large and small products.
        let lanes = 8;
        return cx.dispatch(Dispatch {
            kernel: kernels::broadcast(tile, lanes as u32, columns, cx.target().wide(), &epilogue),
            params,
            views: &views,
            workgroups: [
                invocations.div_ceil(lanes) as u32,
                m.div_ceil(tile_m) as u32,
                (count as u32).min(MAX_WORKGROUPS),
            ],
            flops,
        });
    }
    let (tile_m, tile_n) = direct.tile();
    let groups = |size: usize, tile: u32| (size as u32).div_ceil(tile * 8);
    cx.dispatch(Dispatch {
        kernel: kernels::direct(direct, &epilogue),
        params,
        views: &views,
        workgroups: [groups(n, tile_n), groups(m, tile_m), (count as u32).min(MAX_WORKGROUPS)],
        flops,
    })
}
