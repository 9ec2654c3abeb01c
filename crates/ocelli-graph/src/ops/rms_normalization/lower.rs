use super::RMSNormalization;
use crate::ops::lowering::{Normalization, expect_floats, normalize};
use crate::plan::{Accepts, LowerCx};
use crate::{InferCx, OpError};

pub(super) fn lower(op: &RMSNormalization, cx: &mut LowerCx<'_>) -> Result<(), OpError> {
    let (x, scale) = (cx.input(0)?, cx.input(1)?);
    expect_floats(&[&x, &scale])?;
    let axes: Vec<usize> = (InferCx::axis(op.axis, x.shape.len())?..x.shape.len()).collect();
    let out = cx.output(0, Accepts::Strided, &[&x, &scale])?;
    let op = Normalization { axes: &axes, epsilon: op.epsilon, centred: false, scale: Some(&scale), bias: None };
    normalize(cx, &op, &x, &out).map(|_| ())
}
