use ocelli_shaders::Elem;
use ocelli_shaders::pointwise::{Arg, Fun};

use super::{Attention, Sizes};
use crate::OpError;
use crate::ops::lowering::{Chain, expect_floats, number, product, softmax};
use crate::plan::{Accepts, LowerCx, View};

/// Lowers to a product with the keys, masks, a softmax and a product with the values. Heads that share keys read them in
/// place.
pub(super) fn lower(op: &Attention, cx: &mut LowerCx<'_>) -> Result<(), OpError> {
    for (i, what) in [(4, "a cache of keys"), (6, "lengths of the keys")] {
        if cx.has_input(i) {
            return Err(OpError::host_only(what));
        }
    }
    if cx.has_output(3) {
        return Err(OpError::host_only("the scores are a result"));
    }
    let (q, k, v) = (cx.input(0)?, cx.input(1)?, cx.input(2)?);
    expect_floats(&[&q, &k, &v])?;
    let s = op.sizes(&q.shape, &k.shape, &v.shape, None)?;
    let flat = q.shape.len() == 3;
    let repeats = s.q_heads / s.kv_heads;
    let heads = |view: &View, heads: usize| if flat { split(view, 2, heads).transpose(&[0, 2, 1, 3]) } else { view.clone() };
    // All of [batch, kv_heads, repeats, rows, columns].
    let q = split(&heads(&q, s.q_heads), 1, s.kv_heads);
    let (k4, v4) = (heads(&k, s.kv_heads), heads(&v, s.kv_heads));
    let (k, v) = (split(&k4, 1, s.kv_heads), split(&v4, 1, s.kv_heads));
    let scores = cx.scratch(Elem::F32, &[s.batch, s.kv_heads, repeats, s.queries, s.keys]);
    let scale = op.scale.unwrap_or_else(|| (1.0 / (s.size as f64).sqrt()) as f32);
    let mut chain = Chain::new(1);
    chain.step(Fun::Mul, &[Arg::Input(0), number(scale)]);
    product(cx, &q, &k.transpose(&[0, 1, 2, 4, 3]), &scores, Some(chain.done()), &[])?;
    let scores = mask(op, cx, s, scores)?;
    let weights = cx.scratch(Elem::F32, &scores.shape);
    softmax(cx, &scores, 4, false, &weights)?;
    let out = cx.output(0, Accepts::Rows, &[&v])?;
    let out = if flat { split(&out, 2, s.q_heads).transpose(&[0, 2, 1, 3]) } else { out };
    product(cx, &weights, &v, &split(&out, 1, s.kv_heads), None, &[])?;
    cx.set_output(1, k4);
    cx.set_output(2, v4);
    Ok(())
}

/// Dimension `axis` as two, the first of size `parts`.
fn split(view: &View, axis: usize, parts: usize) -> View {
    let mut all = view.clone();
    let rest = view.shape[axis] / parts;
    all.shape[axis] = parts;
    all.shape.insert(axis + 1, rest);
    all.strides[axis] = view.strides[axis] * rest as isize;
    all.strides.insert(axis + 1, view.strides[axis]);
    all
}

/// The scores with the masks and the soft cap applied.
fn mask(op: &Attention, cx: &mut LowerCx<'_>, s: Sizes, scores: View) -> Result<View, OpError> {
    let repeats = s.q_heads / s.kv_heads;
    let mut inputs = vec![scores.clone()];
    let mut elems = vec![Elem::F32];
    let mut steps = Vec::new();
    if cx.has_input(3) {
        let mask = cx.input(3)?;
        if mask.shape.last() != Some(&s.keys) {
            return Err(OpError::host_only("a mask of fewer keys"));
        }
        let mut wide = mask.broadcast(&[s.batch, s.q_heads, s.queries, s.keys]);
        wide = split(&wide, 1, s.kv_heads);
        steps.push(if mask.elem == Elem::F32 { Fun::Add } else { Fun::Where });
        elems.push(mask.elem);
        inputs.push(wide);
    }
    if op.is_causal {
        let (queries, keys) = (s.queries, s.keys);
        let make = move || {
            let hidden = |i: usize, j: usize| if j > i { f32::NEG_INFINITY } else { 0.0 };
            let all: Vec<f32> = (0..queries).flat_map(|i| (0..keys).map(move |j| hidden(i, j))).collect();
            bytemuck::allocation::pod_collect_to_vec(&all)
        };
        inputs.push(cx.packed("causal mask", Elem::F32, &[queries, keys], make));
        elems.push(Elem::F32);
        steps.push(Fun::Add);
    }
    if steps.is_empty() && op.softcap <= 0.0 {
        return Ok(scores);
    }
    let mut chain = Chain::new(inputs.len());
    let mut value = Arg::Input(0);
    for (i, fun) in steps.into_iter().enumerate() {
        let with = Arg::Input(i + 1);
        value = match fun {
            Fun::Where => chain.step(fun, &[with, value, number(f32::NEG_INFINITY)]),
            _ => chain.step(fun, &[value, with]),
        };
    }
    if op.softcap > 0.0 {
        let small = chain.step(Fun::Div, &[value, number(op.softcap)]);
        let tanh = chain.step(Fun::Tanh, &[small]);
        chain.step(Fun::Mul, &[tanh, number(op.softcap)]);
    }
    let mut program = chain.done();
    program.inputs = elems;
    let out = cx.scratch(Elem::F32, &[s.batch, s.kv_heads, repeats, s.queries, s.keys]);
    cx.pointwise_into(&program, &inputs, &out)?;
    Ok(out)
}
