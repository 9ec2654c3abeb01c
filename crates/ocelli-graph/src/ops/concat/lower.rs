use super::Concat;
use crate::plan::{Accepts, LowerCx};
use crate::{InferCx, OpError};

pub(super) fn lower(op: &Concat, cx: &mut LowerCx<'_>) -> Result<(), OpError> {
    let axis = InferCx::axis(op.axis, cx.output_type(0)?.rank())?;
    let parts = (0..cx.node().inputs.len()).map(|i| cx.input(i)).collect::<Result<Vec<_>, _>>()?;
    let out = cx.output(0, Accepts::Strided, &parts.iter().collect::<Vec<_>>())?;
    let mut start = 0;
    for part in parts {
        let to = out.slice(axis, start, part.shape[axis], 1);
        start += part.shape[axis];
        cx.copy(&part, &to)?;
    }
    Ok(())
}
