use ocelli_shaders::kernels::reduce::Fold;

use super::{ArgKind, ArgReduce};
use crate::ops::lowering::{Reduction, reduce};
use crate::plan::{Accepts, LowerCx};
use crate::{InferCx, OpError};

pub(super) fn lower(op: &ArgReduce, cx: &mut LowerCx<'_>) -> Result<(), OpError> {
    let x = cx.input(0)?;
    if x.shape.is_empty() {
        return Err(OpError::host_only("a scalar"));
    }
    let axis = InferCx::axis(op.axis, x.shape.len())?;
    let fold = match op.kind {
        ArgKind::Max => Fold::ArgMax,
        ArgKind::Min => Fold::ArgMin,
    };
    let out = cx.output(0, Accepts::Dense, &[&x])?;
    reduce(cx, Reduction { last: op.select_last_index, ..Reduction::of(fold) }, &x, &[axis], None, &out)
}
