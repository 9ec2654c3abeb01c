use ocelli_shaders::Elem;
use ocelli_shaders::kernels::reduce::{Finish, Fold};
use ocelli_shaders::pointwise::{Arg, Fun};

use super::{Chain, Reduction, lane_shape, reduce};
use crate::OpError;
use crate::plan::{LowerCx, View};

/// A normalization over axes: `(x - mean) / sqrt(var + epsilon) * scale + bias`.
pub(crate) struct Normalization<'a> {
    /// The axes over which mean and variance are taken.
    pub axes: &'a [usize],
    pub epsilon: f32,
    /// Whether the mean is subtracted; without, the variance is the mean of squares.
    pub centred: bool,
    /// Broadcasts to x.
    pub scale: Option<&'a View>,
    /// Broadcasts to x.
    pub bias: Option<&'a View>,
}

/// Normalizes `x` into `out`. Returns the mean (when centred) and `1 / sqrt(var + epsilon)`, with 1 for the axes. The
/// mean is subtracted before squaring, so that a mean far from zero costs no digits.
pub(crate) fn normalize(
    cx: &mut LowerCx<'_>,
    op: &Normalization<'_>,
    x: &View,
    out: &View,
) -> Result<(Option<View>, View), OpError> {
    let lanes = lane_shape(&x.shape, op.axes);
    let count: usize = op.axes.iter().map(|&a| x.shape[a]).product();
    let scale = 1.0 / count.max(1) as f32;
    let mean = op.centred.then(|| cx.scratch(Elem::F32, &lanes));
    if let Some(mean) = &mean {
        reduce(cx, Reduction { scale, ..Reduction::of(Fold::Sum) }, x, op.axes, None, mean)?;
    }
    let fold = if op.centred { Fold::ShiftedSquare } else { Fold::Square };
    let inverse = cx.scratch(Elem::F32, &lanes);
    let root = Reduction { finish: Finish::InverseRoot, scale, epsilon: op.epsilon, ..Reduction::of(fold) };
    reduce(cx, root, x, op.axes, mean.as_ref(), &inverse)?;

    let mut inputs = vec![x.clone()];
    let mut chain =
        Chain::new(1 + [op.centred, true, op.scale.is_some(), op.bias.is_some()].iter().filter(|x| **x).count());
    let mut value = Arg::Input(0);
    let mut apply = |fun: Fun, with: &View| {
        value = chain.step(fun, &[value, Arg::Input(inputs.len())]);
        inputs.push(with.clone());
    };
    if let Some(mean) = &mean {
        apply(Fun::Sub, mean);
    }
    apply(Fun::Mul, &inverse);
    if let Some(scale) = op.scale {
        apply(Fun::Mul, scale);
    }
    if let Some(bias) = op.bias {
        apply(Fun::Add, bias);
    }
    cx.pointwise_into(&chain.done(), &inputs, out)?;
    Ok((mean, inverse))
}
