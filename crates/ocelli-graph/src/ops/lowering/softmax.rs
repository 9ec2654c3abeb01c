use ocelli_shaders::kernels::reduce::Fold;
use ocelli_shaders::pointwise::{Arg, Fun};

use super::{Chain, Reduction, lane_shape, reduce};
use crate::OpError;
use crate::plan::{LowerCx, View};

/// The softmax (or its logarithm) of `x` along `axis` into `out`, with the maximum subtracted first.
pub(crate) fn softmax(cx: &mut LowerCx<'_>, x: &View, axis: usize, log: bool, out: &View) -> Result<(), OpError> {
    let lanes = lane_shape(&x.shape, &[axis]);
    let (max, sum) = (cx.scratch(x.elem, &lanes), cx.scratch(x.elem, &lanes));
    reduce(cx, Reduction::of(Fold::Max), x, &[axis], None, &max)?;
    reduce(cx, Reduction::of(Fold::ShiftedExp), x, &[axis], Some(&max), &sum)?;
    let mut chain = Chain::new(3);
    let shifted = chain.step(Fun::Sub, &[Arg::Input(0), Arg::Input(1)]);
    if log {
        let log = chain.step(Fun::Log, &[Arg::Input(2)]);
        chain.step(Fun::Sub, &[shifted, log]);
    } else {
        let exp = chain.step(Fun::Exp, &[shifted]);
        chain.step(Fun::Div, &[exp, Arg::Input(2)]);
    }
    cx.pointwise_into(&chain.done(), &[x.clone(), max, sum], out)
}
