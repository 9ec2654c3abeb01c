use ocelli_tensor::Tensor;

use super::{Activation, Cell, Direction, Recurrent, Sizes};
use crate::operator::Outputs;
use crate::ops::util::{optional, required};

/// The weights of one direction.
struct Weights<'a> {
    w: &'a [f64],
    r: &'a [f64],
    b: Option<&'a [f64]>,
    p: Option<&'a [f64]>,
}

pub(super) fn evaluate(op: &Recurrent, inputs: &[Option<Tensor>]) -> Outputs {
    let (x, w, r) = (required(inputs, 0)?, required(inputs, 1)?, required(inputs, 2)?);
    let s = op.sizes(x.shape(), r.shape())?;
    let (xs, ws, rs) = (x.to_f64s(), w.to_f64s(), r.to_f64s());
    let values = |i: usize| optional(inputs, i).map(Tensor::to_f64s);
    let (b, h0, c0, p) = (values(3), values(5), values(6), values(7));
    let lens = optional(inputs, 4).map(Tensor::to_i64s);
    let (hidden, rows) = (s.hidden, s.gates * s.hidden);
    let state_at = |d: usize, n: usize| {
        (if op.batch_first { n * s.directions + d } else { d * s.batch + n }) * hidden
    };
    let y_at = |t: usize, d: usize, n: usize| {
        let at = if op.batch_first { (n * s.steps + t) * s.directions + d } else { (t * s.directions + d) * s.batch + n };
        at * hidden
    };
    let mut y = vec![0.0; s.steps * s.directions * s.batch * hidden];
    let mut y_h = vec![0.0; s.directions * s.batch * hidden];
    let mut y_c = y_h.clone();
    for d in 0..s.directions {
        let part = |v: &'_ [f64], n: usize| -> Vec<f64> { v[d * n..(d + 1) * n].to_vec() };
        let (wd, rd) = (part(&ws, rows * s.input), part(&rs, rows * hidden));
        let (bd, pd) = (b.as_ref().map(|b| part(b, 2 * rows)), p.as_ref().map(|p| part(p, 3 * hidden)));
        let weights = Weights { w: &wd, r: &rd, b: bd.as_deref(), p: pd.as_deref() };
        let functions = op.functions(d);
        let backward = op.direction == Direction::Reverse || d == 1;
        for n in 0..s.batch {
            let at = state_at(d, n);
            let initial = |v: &Option<Vec<f64>>| v.as_ref().map_or(vec![0.0; hidden], |v| v[at..at + hidden].to_vec());
            let (mut h, mut c) = (initial(&h0), initial(&c0));
            let len = lens.as_ref().map_or(s.steps, |l| usize::try_from(l[n]).unwrap_or(0).min(s.steps));
            for i in 0..len {
                let t = if backward { len - 1 - i } else { i };
                let from = if op.batch_first { n * s.steps + t } else { t * s.batch + n } * s.input;
                step(op, s, &functions, &weights, &xs[from..from + s.input], &mut h, &mut c);
                let to = y_at(t, d, n);
                y[to..to + hidden].copy_from_slice(&h);
            }
            y_h[at..at + hidden].copy_from_slice(&h);
            y_c[at..at + hidden].copy_from_slice(&c);
        }
    }
    let state = if op.batch_first { [s.batch, s.directions, hidden] } else { [s.directions, s.batch, hidden] };
    let y_shape = if op.batch_first {
        [s.batch, s.steps, s.directions, hidden]
    } else {
        [s.steps, s.directions, s.batch, hidden]
    };
    let mut all = vec![Tensor::from_f64s(x.dtype(), &y_shape, &y)?, Tensor::from_f64s(x.dtype(), &state, &y_h)?];
    if matches!(op.cell, Cell::Lstm { .. }) {
        all.push(Tensor::from_f64s(x.dtype(), &state, &y_c)?);
    }
    Ok(all)
}

/// One step of one sequence: `h` (and `c`) become the next ones.
fn step(op: &Recurrent, s: Sizes, f: &[Activation], weights: &Weights<'_>, x: &[f64], h: &mut [f64], c: &mut [f64]) {
    let hidden = s.hidden;
    let clip = |v: f64| op.clip.map_or(v, |c| v.clamp(-f64::from(c.abs()), f64::from(c.abs())));
    let act = |i: usize, v: f64| f.get(i).map_or(v, |f| f.apply(clip(v)));
    let dot = |m: &[f64], row: usize, v: &[f64]| -> f64 {
        m[row * v.len()..(row + 1) * v.len()].iter().zip(v).map(|(a, b)| a * b).sum()
    };
    let bias = |i: usize| weights.b.map_or(0.0, |b| b[i]);
    let w_part = |row: usize| dot(weights.w, row, x) + bias(row);
    let r_part = |row: usize, h: &[f64]| dot(weights.r, row, h) + bias(s.gates * hidden + row);
    let before = h.to_vec();
    match op.cell {
        Cell::Rnn => {
            for j in 0..hidden {
                h[j] = act(0, w_part(j) + r_part(j, &before));
            }
        }
        Cell::Gru { linear_before_reset } => {
            let gate = |g: usize, j: usize| act(0, w_part(g * hidden + j) + r_part(g * hidden + j, &before));
            let reset: Vec<f64> = (0..hidden).map(|j| gate(1, j)).collect();
            let scaled: Vec<f64> = reset.iter().zip(&before).map(|(r, h)| r * h).collect();
            for j in 0..hidden {
                let row = 2 * hidden + j;
                let from_h =
                    if linear_before_reset { reset[j] * r_part(row, &before) } else { r_part(row, &scaled) };
                let z = gate(0, j);
                h[j] = (1.0 - z) * act(1, w_part(row) + from_h) + z * before[j];
            }
        }
        Cell::Lstm { input_forget } => {
            let peep = |g: usize, j: usize, c: f64| weights.p.map_or(0.0, |p| p[g * hidden + j] * c);
            for j in 0..hidden {
                let sum = |g: usize| w_part(g * hidden + j) + r_part(g * hidden + j, &before);
                let input = act(0, sum(0) + peep(0, j, c[j]));
                let forget = if input_forget { 1.0 - input } else { act(0, sum(2) + peep(2, j, c[j])) };
                c[j] = forget * c[j] + input * act(1, sum(3));
                let output = act(0, sum(1) + peep(1, j, c[j]));
                // The last activation takes the cell as it is; only gates are clipped.
                h[j] = output * f.get(2).map_or(c[j], |f| f.apply(c[j]));
            }
        }
    }
}
