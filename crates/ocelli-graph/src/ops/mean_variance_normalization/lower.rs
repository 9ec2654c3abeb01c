use ocelli_shaders::Elem;
use ocelli_shaders::kernels::reduce::{Finish, Fold};
use ocelli_shaders::pointwise::{Arg, Fun};

use super::MeanVarianceNormalization;
use crate::OpError;
use crate::ops::lowering::{Chain, Reduction, expect_floats, lane_shape, number, reduce};
use crate::ops::numeric::axes;
use crate::plan::{Accepts, LowerCx};

pub(super) fn lower(op: &MeanVarianceNormalization, cx: &mut LowerCx<'_>) -> Result<(), OpError> {
    let x = cx.input(0)?;
    expect_floats(&[&x])?;
    let axes = axes(&op.axes, x.shape.len())?;
    let lanes = lane_shape(&x.shape, &axes);
    let count: usize = axes.iter().map(|&a| x.shape[a]).product();
    let scale = 1.0 / count.max(1) as f32;
    let (mean, deviation) = (cx.scratch(Elem::F32, &lanes), cx.scratch(Elem::F32, &lanes));
    reduce(cx, Reduction { scale, ..Reduction::of(Fold::Sum) }, &x, &axes, None, &mean)?;
    let root = Reduction { finish: Finish::Sqrt, scale, ..Reduction::of(Fold::ShiftedSquare) };
    reduce(cx, root, &x, &axes, Some(&mean), &deviation)?;
    let out = cx.output(0, Accepts::Strided, &[&x])?;
    let mut chain = Chain::new(3);
    let centred = chain.step(Fun::Sub, &[Arg::Input(0), Arg::Input(1)]);
    let safe = chain.step(Fun::Add, &[Arg::Input(2), number(1e-9)]);
    chain.step(Fun::Div, &[centred, safe]);
    cx.pointwise_into(&chain.done(), &[x, mean, deviation], &out)
}
