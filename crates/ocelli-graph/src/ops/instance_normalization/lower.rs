use super::InstanceNormalization;
use crate::OpError;
use crate::ops::lowering::{Normalization, expect_floats, normalize};
use crate::plan::{Accepts, LowerCx, View};

pub(super) fn lower(op: &InstanceNormalization, cx: &mut LowerCx<'_>) -> Result<(), OpError> {
    let x = cx.input(0)?;
    let axes: Vec<usize> = (2..x.shape.len()).collect();
    let mut wide = vec![1; x.shape.len() - 1];
    wide[0] = x.shape[1];
    let (scale, bias) = (parameter(cx, 1, &wide)?, parameter(cx, 2, &wide)?);
    expect_floats(&[&x, &scale, &bias])?;
    let out = cx.output(0, Accepts::Strided, &[&x, &scale, &bias])?;
    let op = Normalization { axes: &axes, epsilon: op.epsilon, centred: true, scale: Some(&scale), bias: Some(&bias) };
    normalize(cx, &op, &x, &out).map(|_| ())
}

/// Input `i`, a vector, under another shape of as many elements.
pub(crate) fn parameter(cx: &mut LowerCx<'_>, i: usize, shape: &[usize]) -> Result<View, OpError> {
    let view = cx.dense_input(i)?;
    view.reshape(shape).ok_or_else(|| OpError::invalid(format!("input {i} is not dense")))
}
