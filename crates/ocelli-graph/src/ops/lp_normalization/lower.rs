use ocelli_shaders::Elem;
use ocelli_shaders::kernels::reduce::{Finish, Fold};
use ocelli_shaders::pointwise::{Arg, Fun};

use super::LpNormalization;
use crate::ops::lowering::{Chain, Reduction, expect_floats, lane_shape, number, reduce};
use crate::plan::{Accepts, LowerCx};
use crate::{InferCx, OpError};

pub(super) fn lower(op: &LpNormalization, cx: &mut LowerCx<'_>) -> Result<(), OpError> {
    let x = cx.input(0)?;
    expect_floats(&[&x])?;
    if x.shape.is_empty() {
        return Err(OpError::host_only("a scalar"));
    }
    let axis = InferCx::axis(op.axis, x.shape.len())?;
    let norm = cx.scratch(Elem::F32, &lane_shape(&x.shape, &[axis]));
    let reduction = match op.p {
        1 => Reduction::of(Fold::Abs),
        _ => Reduction { finish: Finish::Sqrt, ..Reduction::of(Fold::Square) },
    };
    reduce(cx, reduction, &x, &[axis], None, &norm)?;
    let out = cx.output(0, Accepts::Strided, &[&x])?;
    // Where the norm is 0 so is x, and 0 / tiny is 0.
    let mut chain = Chain::new(2);
    let safe = chain.step(Fun::Max, &[Arg::Input(1), number(f32::MIN_POSITIVE)]);
    chain.step(Fun::Div, &[Arg::Input(0), safe]);
    cx.pointwise_into(&chain.done(), &[x, norm], &out)
}
