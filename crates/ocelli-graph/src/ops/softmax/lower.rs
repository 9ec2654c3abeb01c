use super::{Softmax, SoftmaxKind};
use crate::ops::lowering::{expect_floats, softmax};
use crate::plan::{Accepts, LowerCx};
use crate::{InferCx, OpError};

pub(super) fn lower(op: &Softmax, cx: &mut LowerCx<'_>) -> Result<(), OpError> {
    if op.kind == SoftmaxKind::Hardmax {
        return Err(OpError::host_only("Hardmax has no kernel"));
    }
    let x = cx.input(0)?;
    expect_floats(&[&x])?;
    if x.shape.is_empty() {
        return Err(OpError::host_only("a scalar"));
    }
    let axis = InferCx::axis(op.axis, x.shape.len())?;
    let out = cx.output(0, Accepts::Strided, &[&x])?;
    softmax(cx, &x, axis, op.kind == SoftmaxKind::LogSoftmax, &out)
}
