use super::Concat;
use crate::plan::{Accepts, LowerCx};
use crate::{InferCx, OpError};

/// Copies the operands that do not lie in the output already.
pub(super) fn lower(op: &Concat, cx: &mut LowerCx<'_>) -> Result<(), OpError> {
    let axis = InferCx::axis(op.axis, cx.output_type(0)?.rank())?;
    let parts = (0..cx.node().inputs.len()).map(|i| cx.input(i)).collect::<Result<Vec<_>, _>>()?;
    // The operands may lie in the output; those that would be copied within it go through an intermediate below.
    let out = cx.output(0, Accepts::Strided, &[])?;
    let mut start = 0;
    for part in parts {
        let to = out.slice(axis, start, part.shape[axis], 1);
        start += part.shape[axis];
        if part.is_same(&to) {
            continue;
        }
        if part.buffer == to.buffer {
            let between = cx.scratch(part.elem, &part.shape);
            cx.copy(&part, &between)?;
            cx.copy(&between, &to)?;
        } else {
            cx.copy(&part, &to)?;
        }
    }
    Ok(())
}
