//! Calls of `conv.broadcast`: convolutions and transposed convolutions of planes with constant filters.
//!
//! A transposed convolution of stride s runs as s * s convolutions, each over the taps that one residue of the output
//! position meets, and writes its outputs s apart.

use ocelli_shaders::kernels::conv::broadcast::{Rows, Tile, rows, taps};
use ocelli_shaders::kernels::row_window::RowWindow;
use ocelli_shaders::{Elem, MAX_WORKGROUPS, Params};
use ocelli_tensor::Tensor;

use super::planar::{Filters, Plane, Planar, plane, vector_rows};
use super::operands::Operands;
use crate::plan::{Dispatch, LowerCx, Target, View};
use crate::{OpError, TensorType};

/// Channels of a tile.
const TILES: [usize; 6] = [4, 8, 12, 16, 24, 32];
/// Invocations of a workgroup: few, so that one pipeline serves most planes; more where the grid would be too long.
const LANES: [usize; 3] = [8, 64, 256];
/// Taps of a row up to which a row is read as vectors.
const WIDEST_ROW: usize = 9;

/// Whether this algorithm can compute the convolution.
pub(super) fn fits(op: &Planar, target: &Target, constant: bool, y: &TensorType) -> bool {
    let most = MAX_WORKGROUPS as usize;
    let [batch, channels, ref plane @ ..] = y.shape[..] else { return false };
    let grid = batch <= most && channels <= most && plane.iter().product::<usize>() <= most * LANES[2];
    let simple = !op.transposed || op.window.dilations == [1, 1];
    target.broadcast_width() > 0 && constant && simple && grid && op.filters.inputs > 0
}

/// The tile of channels with the least work: a fixed part per block for the inputs, and the channels themselves.
fn channel_tile(outputs: usize) -> usize {
    TILES.into_iter().min_by_key(|t| outputs.div_ceil(*t) * (24 + t)).unwrap_or(4)
}

/// One convolution at stride `strides`, whose tap (y, x) is tap `map[0][y]`, `map[1][x]` of the filters.
struct Part {
    filters: Filters,
    /// Taps of the node's filters.
    kernel: [usize; 2],
    map: [Vec<Option<usize>>; 2],
    strides: [usize; 2],
    dilations: [usize; 2],
    begins: [i64; 2],
}

/// Records the convolution.
pub(super) fn lower(op: &Planar, cx: &mut LowerCx<'_>, o: &Operands<'_>) -> Result<(), OpError> {
    let w = op.window;
    if !op.transposed {
        let whole = |n: usize| (0..n).map(Some).collect();
        let part = Part {
            filters: op.filters,
            kernel: w.kernel,
            map: [whole(w.kernel[0]), whole(w.kernel[1])],
            strides: w.strides,
            dilations: w.dilations,
            begins: w.begins,
        };
        return part.lower(cx, o);
    }
    for ry in 0..w.strides[0] {
        for rx in 0..w.strides[1] {
            let class = [ry, rx].into_iter().enumerate().map(|(d, r)| Class::new(w.kernel[d], w.strides[d], w.begins[d], r));
            let class: Vec<Class> = class.collect();
            let part = Part {
                filters: op.filters,
                kernel: w.kernel,
                map: [class[0].map.clone(), class[1].map.clone()],
                strides: [1, 1],
                dilations: [1, 1],
                begins: [class[0].begin, class[1].begin],
            };
            let sub = |v: &View| class[1].of(class[0].of(v.clone(), 2, w.strides[0]), 3, w.strides[1]);
            let dst = sub(o.dst);
            if dst.elems() == 0 {
                continue;
            }
            let more: Vec<View> = o.more.iter().map(sub).collect();
            part.lower(cx, &Operands { dst: &dst, more: &more, ..*o })?;
        }
    }
    Ok(())
}

/// The outputs of a transposed convolution along one dimension whose position plus padding leaves one residue.
struct Class {
    /// Taps that they meet, last first; one that is none where there is no tap.
    map: Vec<Option<usize>>,
    /// Padding of the convolution that gathers them.
    begin: i64,
    /// The first of them.
    first: usize,
}

impl Class {
    fn new(kernel: usize, stride: usize, pad: i64, residue: usize) -> Class {
        let s = stride as i64;
        let mut map: Vec<Option<usize>> = (residue..kernel).step_by(stride).map(Some).collect();
        map.reverse();
        if map.is_empty() {
            map.push(None);
        }
        let first = (residue as i64 - pad).rem_euclid(s);
        let begin = map.len() as i64 - 1 - (first + pad - residue as i64) / s;
        Class { map, begin, first: first as usize }
    }

    /// Every `stride`-th element of dimension `d` from the first one on; dimensions that a view lacks stay.
    fn of(&self, mut v: View, d: usize, stride: usize) -> View {
        if let (Some(size), Some(step)) = (v.shape.get_mut(d), v.strides.get_mut(d)) {
            *size = size.saturating_sub(self.first).div_ceil(stride);
            v.offset += self.first * (*step).max(0) as usize;
            *step *= stride as isize;
        }
        v
    }
}

/// The view with its plane as a single row, where its rows follow one another.
fn one_row(v: &View) -> Option<View> {
    let ([.., h, w], [n, c, sy, sx]) = (&v.shape[..], &v.strides[..]) else {
        return None;
    };
    let follows = *h == 1 || *sy == *sx * *w as isize;
    let shape = vec![v.shape[0], v.shape[1], 1, h * w];
    let sx = if *w == 1 { *sy } else { *sx };
    follows.then(|| View { shape, strides: vec![*n, *c, 0, sx], ..v.clone() })
}

impl Part {
    fn lower(&self, cx: &mut LowerCx<'_>, o: &Operands<'_>) -> Result<(), OpError> {
        let pointwise = [self.map[0].len(), self.map[1].len()] == [1, 1] && self.strides == [1, 1] && self.begins == [0, 0];
        if pointwise && o.x.shape[2..] == o.dst.shape[2..] {
            let more: Option<Vec<View>> = o.more.iter().map(one_row).collect();
            if let (Some(x), Some(dst), Some(more)) = (one_row(o.x), one_row(o.dst), more) {
                return self.record(cx, &Operands { x: &x, dst: &dst, more: &more, ..*o });
            }
        }
        self.record(cx, o)
    }

    /// The rows as vectors, where the input allows it.
    fn rows(&self, o: &Operands<'_>) -> Option<Rows> {
        let kernel = self.map[1].len();
        (kernel <= WIDEST_ROW && self.strides[1] <= 4 && vector_rows(o.x)).then(|| Rows {
            window: RowWindow {
                kernel: kernel as u32,
                stride: self.strides[1] as u32,
                dilation: self.dilations[1] as u32,
                pad: self.begins[1] as i32,
            },
            aligned_store: o.stores_vectors(),
        })
    }

    fn record(&self, cx: &mut LowerCx<'_>, o: &Operands<'_>) -> Result<(), OpError> {
        let f = self.filters;
        let (Plane { size: [in_h, in_w], strides: src }, Plane { size: [out_h, out_w], strides: to }) =
            (plane(o.x), plane(o.dst));
        let m = channel_tile(f.outputs);
        let tile = Tile { m: m as u32, n: 4, width: cx.target().broadcast_width() };
        let blocks = f.outputs.div_ceil(m);
        let wide = cx.target().wide();
        let rows_of = self.rows(o);
        let (positions, per_invocation) = match rows_of {
            Some(_) => (out_h * out_w.div_ceil(4), 1),
            None => (out_h * out_w, 4),
        };
        let fitting = |l: &&usize| positions.div_ceil(**l * per_invocation) <= MAX_WORKGROUPS as usize;
        let lanes = LANES.iter().find(fitting).copied().unwrap_or(LANES[2]);
        let workgroups = [positions.div_ceil(lanes * per_invocation), f.groups * blocks, o.x.shape[0]];
        if workgroups.iter().any(|&w| w > MAX_WORKGROUPS as usize) {
            return Err(OpError::unsupported(format!("{workgroups:?} workgroups of conv.broadcast")));
        }
        let (kernel, weight) = match rows_of {
            Some(shape) => (rows(tile, lanes as u32, shape, wide, o.epilogue), self.row_weights(cx, tile, shape)?),
            None => (taps(tile, lanes as u32, f.inputs % 4 != 0, wide, o.epilogue), self.tap_weights(cx, tile)?),
        };
        let (kh, kw) = (self.map[0].len(), self.map[1].len());
        let mut params = Params::new();
        for v in [in_h, in_w, out_h, out_w, f.inputs, f.outputs, blocks, kh, kw] {
            params = params.u32(v);
        }
        params = self.strides.into_iter().chain(self.dilations).fold(params, Params::u32);
        params = params.i32(self.begins[0]).i32(self.begins[1]).u32(o.x.offset);
        for v in src.into_iter().chain([o.dst.offset]).chain(to).chain([positions, 0, 0]) {
            params = params.u32(v);
        }
        params = o.epilogue_params(params);
        let mut views = vec![o.x, &weight, o.bias];
        views.extend(o.written());
        cx.dispatch(Dispatch {
            kernel,
            params,
            views: &views,
            workgroups: workgroups.map(|w| w as u32),
            flops: 2 * (o.dst.elems() * f.inputs * kh * kw) as u64,
        })
    }

    /// `[groups, blocks, KH, KW, k4, padded m, 4]`: four channels in a vector.
    fn tap_weights(&self, cx: &mut LowerCx<'_>, tile: Tile) -> Result<View, OpError> {
        let f = self.filters;
        let (kh, kw, k4) = (self.map[0].len(), self.map[1].len(), f.inputs.div_ceil(4));
        self.packed(cx, tile, kh * kw * k4, move |y, x, i| ((y * kw + x) * k4 + i / 4, i % 4))
    }

    /// `[groups, blocks, KH, steps, quads, padded m, 4]`: four taps of a row, or four channels of a row's only tap.
    fn row_weights(&self, cx: &mut LowerCx<'_>, tile: Tile, shape: Rows) -> Result<View, OpError> {
        if shape.channels() > 1 {
            return self.tap_weights(cx, tile);
        }
        let (inputs, quads) = (self.filters.inputs, shape.quads() as usize);
        let rows = self.map[0].len() * inputs * quads;
        self.packed(cx, tile, rows, move |y, x, i| ((y * inputs + i) * quads + x / 4, x % 4))
    }

    /// The filters as `[groups, blocks, rows, padded m, 4]`; `place` tells the row and component of tap (y, x) of input i.
    fn packed(
        &self,
        cx: &mut LowerCx<'_>,
        tile: Tile,
        rows: usize,
        place: impl Fn(usize, usize, usize) -> (usize, usize) + Send + Sync + 'static,
    ) -> Result<View, OpError> {
        let f = self.filters;
        let w: Tensor = cx.constant(1).ok_or_else(|| OpError::invalid("the filters are no constant"))?.clone();
        let (m, padded) = (tile.m as usize, tile.padded_m() as usize);
        let blocks = f.outputs.div_ceil(m);
        let (map, [kh, kw]) = (self.map.clone(), self.kernel);
        let shape = [f.groups * blocks, rows, padded, 4];
        Ok(cx.packed(&format!("weight {shape:?}"), Elem::F32, &shape, move || {
            let values = w.to_f32s();
            let mut out = vec![0.0f32; shape.iter().product()];
            for g in 0..f.groups {
                for (o, i) in (0..f.outputs).flat_map(|o| (0..f.inputs).map(move |i| (o, i))) {
                    let filter = f.position(g, o, i) * kh * kw;
                    for (y, from_y) in map[0].iter().enumerate() {
                        for (x, from_x) in map[1].iter().enumerate() {
                            let (Some(from_y), Some(from_x)) = (from_y, from_x) else { continue };
                            let (row, component) = place(y, x, i);
                            let at = ((g * blocks + o / m) * rows + row) * padded + o % m;
                            out[at * 4 + component] = values[filter + from_y * kw + from_x];
                        }
                    }
                }
            }
            bytemuck::allocation::pod_collect_to_vec(&out)
        }))
    }
}
