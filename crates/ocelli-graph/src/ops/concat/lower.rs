use super::Concat;
use crate::plan::{Accepts, LowerCx};
use crate::{InferCx, OpError};

/// Copies the operands that do not lie in the output already.
pub(super) fn lower(op: &Concat, cx: &mut LowerCx<'_>) -> Result<(), OpError> {
    let axis = InferCx::axis(op.axis, cx.output_type(0)?.rank())?;
    // The operands may lie in the output.
    let out = cx.output(0, Accepts::Strided, &[])?;
    let mut start = 0;
    for i in 0..cx.node().inputs.len() {
        let len = cx.input_type(i)?.shape[axis];
        cx.place_input(i, &out.slice(axis, start, len, 1))?;
        start += len;
    }
    Ok(())
}
