//! Calls of `resize.window`.

use ocelli_shaders::kernels::resize::{self, CHUNK, MOST_ROWS, WIDEST};
use ocelli_shaders::{Elem, MAX_WORKGROUPS, Params};

use super::lower::{Plane, Table};
use crate::OpError;
use crate::plan::{Dispatch, LowerCx, View};

/// Windows of four neighbouring outputs each: where they begin, and the weight of each element for each output.
pub(super) struct Windows {
    elements: usize,
    words: Vec<u32>,
}

impl Windows {
    /// The windows of `x` over rows of `input` elements, if four neighbours never reach far.
    pub fn new(x: &Table, input: usize) -> Option<Windows> {
        let rows: Option<Vec<_>> = x.rows.iter().map(|r| r.as_ref().filter(|r| !r.is_empty())).collect();
        let rows = rows?;
        let quads: Vec<_> = rows.chunks(4).collect();
        let ends = |quad: &[&super::taps::Taps]| {
            let all = quad.iter().flat_map(|r| r.iter().map(|t| t.0));
            (all.clone().min().unwrap_or(0), all.max().unwrap_or(0))
        };
        let elements = quads.iter().map(|q| ends(q).1 - ends(q).0 + 1).max()?;
        if elements > WIDEST || elements > input {
            return None;
        }
        let mut words = Vec::new();
        for quad in &quads {
            let first = ends(quad).0.min(input - elements);
            words.push(first as u32);
            for n in 0..4 {
                let mut weights = vec![0.0f32; elements];
                for &(i, w) in quad.get(n).into_iter().flat_map(|r| r.iter()) {
                    weights[i - first] += w as f32;
                }
                words.extend(weights.into_iter().map(f32::to_bits));
            }
        }
        Some(Windows { elements, words })
    }

    /// Records the resizing; `Ok(false)` when it does not fit.
    pub fn dispatch(
        self,
        cx: &mut LowerCx<'_>,
        src: &View,
        dst: &View,
        plane: &Plane,
        y: Option<&Table>,
    ) -> Result<bool, OpError> {
        let [n, c, out_h, out_w] = plane.shape;
        let taps_y = y.map_or(1, |t| t.taps);
        let planes = n * c;
        let chunks = planes.div_ceil(CHUNK);
        let holes = y.is_some_and(|t| t.rows.iter().any(Option::is_none));
        let most = MAX_WORKGROUPS as usize;
        if taps_y > MOST_ROWS || chunks > most || out_h * out_w.div_ceil(4) > most * 64 || holes {
            return Ok(false);
        }
        let rows = y.map_or_else(
            || (0..out_h as u32).flat_map(|i| [i, 1.0f32.to_bits()]).collect(),
            Table::words,
        );
        let whole = |s: isize| s % 4 == 0;
        let aligned = out_w % 4 == 0
            && plane.dst[3] == 1
            && dst.offset % 4 == 0
            && plane.dst[..3].iter().zip(&plane.shape).all(|(&s, &d)| whole(s) || d == 1);
        let columns = cx.packed(&format!("windows of {}", self.elements), Elem::U32, &[self.words.len()], {
            let words = self.words;
            move || bytemuck::allocation::pod_collect_to_vec(&words)
        });
        let rows = cx.packed(&format!("taps of {out_h} rows"), Elem::U32, &[rows.len()], move || {
            bytemuck::allocation::pod_collect_to_vec(&rows)
        });
        let positions = out_h * out_w.div_ceil(4);
        let mut params = Params::new();
        for v in [out_w, out_h, planes, c, positions] {
            params = params.u32(v);
        }
        for (view, strides) in [(src, &plane.src), (dst, &plane.dst)] {
            params = strides.iter().fold(params.u32(view.offset), |p, &s| p.u32(s as usize));
        }
        cx.dispatch(Dispatch {
            kernel: resize::window(self.elements as u32, taps_y as u32, aligned),
            params: params.u32(0),
            views: &[src, &columns, &rows, dst],
            workgroups: [positions.div_ceil(64) as u32, chunks as u32, 1],
            flops: (2 * dst.elems() * self.elements * taps_y) as u64,
        })?;
        Ok(true)
    }
}
