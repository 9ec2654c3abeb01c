use ocelli_tensor::{DType, Tensor, contiguous_strides};

use super::{GridSample, SampleMode, SamplePadding};
use crate::operator::Outputs;
use crate::ops::movement::{offset, output_type};
use crate::ops::util::{for_each_index, required};

/// The cubic coefficient.
const A: f64 = -0.75;

pub(super) fn evaluate(op: &GridSample, inputs: &[Option<Tensor>]) -> Outputs {
    let (x, grid) = (required(inputs, 0)?, required(inputs, 1)?);
    let ty = output_type(op, inputs)?;
    let dims = &x.shape()[2..];
    let strides = contiguous_strides(x.shape());
    let (values, positions) = (x.to_f64s(), grid.to_f64s());
    let wide = grid.dtype() == DType::F64;
    let mut out = Vec::with_capacity(ty.elems());
    for_each_index(&ty.shape, |at| {
        let point: Vec<usize> = [&[at[0]], &at[2..], &[0]].concat();
        let first = offset(&point, grid.shape());
        let base = at[0] * strides[0] + at[1] * strides[1];
        // Per axis: neighbours (None is a zero) and their weights.
        let taps: Vec<Vec<(Option<usize>, f64)>> = (0..dims.len())
            .map(|i| op.taps(positions[first + dims.len() - 1 - i], dims[i], wide))
            .collect();
        let counts: Vec<usize> = taps.iter().map(Vec::len).collect();
        let mut sum = 0.0;
        for_each_index(&counts, |k| {
            let mut weight = 1.0;
            let mut from = Some(base);
            for (i, &j) in k.iter().enumerate() {
                let (index, w) = taps[i][j];
                weight *= w;
                from = from.and_then(|f| Some(f + index? * strides[2 + i]));
            }
            sum += weight * from.map_or(0.0, |f| values[f]);
        });
        out.push(sum);
    });
    Ok(vec![Tensor::from_f64s(ty.dtype, &ty.shape, &out)?])
}

impl GridSample {
    /// Neighbours of position `p` (-1 to 1) in a dimension of `n`, with weights.
    fn taps(&self, p: f64, n: usize, wide: bool) -> Vec<(Option<usize>, f64)> {
        let (low, high) = if self.align_corners { (0.0, n as f64 - 1.0) } else { (-0.5, n as f64 - 0.5) };
        let mut at = self.element(p, n, wide);
        if self.mode == SampleMode::Nearest {
            at = at.round_ties_even();
        }
        if at < low || at > high {
            at = match self.padding_mode {
                SamplePadding::Zeros => at,
                SamplePadding::Border => at.clamp(0.0, n as f64 - 1.0),
                SamplePadding::Reflection => reflect(at, low, high),
            };
        }
        let at_index = |i: f64| match self.padding_mode {
            SamplePadding::Zeros => (i >= 0.0 && i < n as f64).then_some(i as usize),
            SamplePadding::Border => Some(i.clamp(0.0, n as f64 - 1.0) as usize),
            SamplePadding::Reflection => Some(reflect(i, low, high).clamp(0.0, n as f64 - 1.0) as usize),
        };
        let below = at.floor();
        let t = at - below;
        match self.mode {
            SampleMode::Nearest => vec![(at_index(at), 1.0)],
            SampleMode::Linear => vec![(at_index(below), 1.0 - t), (at_index(below + 1.0), t)],
            SampleMode::Cubic => (-1..3)
                .map(|i| (at_index(below + f64::from(i)), crate::ops::resize::taps::cubic((f64::from(i) - t).abs(), A)))
                .collect(),
        }
    }

    /// The element (a fraction) at position `p`, in the arithmetic of the grid.
    fn element(&self, p: f64, n: usize, wide: bool) -> f64 {
        if wide {
            let n = n as f64;
            return if self.align_corners { (p + 1.0) / 2.0 * (n - 1.0) } else { ((p + 1.0) * n - 1.0) / 2.0 };
        }
        let (p, n) = (p as f32, n as f32);
        f64::from(if self.align_corners { (p + 1.0) / 2.0 * (n - 1.0) } else { ((p + 1.0) * n - 1.0) / 2.0 })
    }
}

/// Mirrors `x` at `low` and `high` until it lies between them.
fn reflect(x: f64, low: f64, high: f64) -> f64 {
    let range = high - low;
    if range <= 0.0 {
        return low;
    }
    if x >= low && x <= high {
        return x;
    }
    let m = (x - low).rem_euclid(2.0 * range);
    low + m.min(2.0 * range - m)
}
