use super::GroupNormalization;
use crate::OpError;
use crate::ops::instance_normalization::parameter;
use crate::ops::lowering::{Normalization, expect_floats, normalize};
use crate::plan::{Accepts, LowerCx};

/// Normalizes `[N, groups, C / groups, plane]` over the last two dimensions.
pub(super) fn lower(op: &GroupNormalization, cx: &mut LowerCx<'_>) -> Result<(), OpError> {
    let x = cx.dense_input(0)?;
    let (batch, channels, groups) = (x.shape[0], x.shape[1], op.num_groups);
    let plane: usize = x.shape[2..].iter().product();
    let split = [batch, groups, channels / groups, plane];
    let wide = |elems: usize| [groups, elems / groups, 1];
    let scale = parameter(cx, 1, &wide(cx.input_type(1)?.elems()))?;
    let bias = parameter(cx, 2, &wide(cx.input_type(2)?.elems()))?;
    expect_floats(&[&x, &scale, &bias])?;
    let out = cx.output(0, Accepts::Dense, &[&x, &scale, &bias])?;
    let (Some(x), Some(out)) = (x.reshape(&split), out.reshape(&split)) else {
        return Err(OpError::invalid("a dense tensor"));
    };
    let op = Normalization { axes: &[2, 3], epsilon: op.epsilon, centred: true, scale: Some(&scale), bias: Some(&bias) };
    normalize(cx, &op, &x, &out).map(|_| ())
}
