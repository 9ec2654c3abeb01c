use ocelli_tensor::Tensor;

use super::Split;
use crate::plan::LowerCx;
use crate::{InferCx, OpError};

/// Views.
pub(super) fn lower(op: &Split, cx: &mut LowerCx<'_>) -> Result<(), OpError> {
    let x = cx.input(0)?;
    let axis = InferCx::axis(op.axis, x.shape.len())?;
    let split = cx.constant(1).map(Tensor::to_i64s);
    if split.is_none() && cx.has_input(1) {
        return Err(OpError::host_only("the sizes of the parts are not constant"));
    }
    let mut start = 0;
    for (i, len) in op.sizes(x.shape[axis], split.as_deref(), cx.node().outputs.len())?.into_iter().enumerate() {
        // An empty part at the end must not begin behind the buffer.
        cx.set_output(i, x.slice(axis, if len == 0 { 0 } else { start }, len, 1));
        start += len;
    }
    Ok(())
}
