use ocelli_shaders::Elem;
use ocelli_shaders::pointwise::{Arg, Fun, Literal, Program, Step};

use super::Trilu;
use crate::OpError;
use crate::plan::{Accepts, LowerCx};

/// An elementwise choice by a mask, one matrix for the whole batch.
pub(super) fn lower(op: &Trilu, cx: &mut LowerCx<'_>) -> Result<(), OpError> {
    let k = match cx.constant(1) {
        Some(k) => k.to_i64s().first().copied().unwrap_or(0),
        None if cx.has_input(1) => return Err(OpError::host_only("k is not constant")),
        None => 0,
    };
    let x = cx.input(0)?;
    let [.., rows, columns] = x.shape[..] else {
        return Err(OpError::invalid("expected matrices"));
    };
    let op = op.clone();
    let mask = cx.packed("triangle", Elem::U32, &[rows, columns], move || {
        let keeps = |i: usize| u32::from(op.keeps(i / columns, i % columns, k));
        bytemuck::allocation::pod_collect_to_vec(&(0..rows * columns).map(keeps).collect::<Vec<u32>>())
    });
    let zero = match x.elem {
        Elem::F32 => Literal::f32(0.0),
        Elem::I32 => Literal::I32(0),
        Elem::U32 => Literal::U32(0),
    };
    let args = vec![Arg::Input(0), Arg::Input(1), Arg::Literal(zero)];
    let program = Program { inputs: vec![Elem::U32, x.elem], steps: vec![Step { fun: Fun::Where, args, ty: x.elem }] };
    let out = cx.output(0, Accepts::Strided, &[&x])?;
    cx.pointwise_into(&program, &[mask, x], &out)
}
