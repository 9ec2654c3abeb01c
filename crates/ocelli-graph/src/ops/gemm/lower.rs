use ocelli_shaders::pointwise::{Arg, Fun};

use super::Gemm;
use crate::OpError;
use crate::ops::lowering::{Chain, expect_floats, number, product};
use crate::plan::{Accepts, LowerCx};

/// Lowers to a matrix product whose epilogue scales and adds C.
pub(super) fn lower(op: &Gemm, cx: &mut LowerCx<'_>) -> Result<(), OpError> {
    let (mut a, mut b) = (cx.input(0)?, cx.input(1)?);
    if op.trans_a {
        a = a.transpose(&[1, 0]);
    }
    if op.trans_b {
        b = b.transpose(&[1, 0]);
    }
    let c = if cx.has_input(2) && op.beta != 0.0 { Some(cx.input(2)?) } else { None };
    let mut reads = vec![&a, &b];
    reads.extend(&c);
    expect_floats(&reads)?;
    let dst = cx.output(0, Accepts::Rows, &reads)?;
    let c = match c {
        Some(c) if !c.is_forward() => Some(cx.dense(&c)?),
        c => c,
    };
    let mut chain = Chain::new(1 + usize::from(c.is_some()));
    let mut value = Arg::Input(0);
    if op.alpha != 1.0 {
        value = chain.step(Fun::Mul, &[value, number(op.alpha)]);
    }
    if c.is_some() {
        let mut add = Arg::Input(1);
        if op.beta != 1.0 {
            add = chain.step(Fun::Mul, &[add, number(op.beta)]);
        }
        chain.step(Fun::Add, &[value, add]);
    }
    product(cx, &a, &b, &dst, Some(chain.done()), &c.iter().collect::<Vec<_>>())
}
