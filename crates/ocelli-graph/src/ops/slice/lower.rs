use ocelli_tensor::Tensor;

use super::ranges;
use crate::OpError;
use crate::plan::LowerCx;

/// A view.
pub(super) fn lower(cx: &mut LowerCx<'_>) -> Result<(), OpError> {
    let i64s = |cx: &LowerCx<'_>, i| cx.constant(i).map(Tensor::to_i64s);
    let (Some(starts), Some(ends)) = (i64s(cx, 1), i64s(cx, 2)) else {
        return Err(OpError::host_only("starts and ends are not constant"));
    };
    let mut view = cx.input(0)?;
    let parts = ranges(&view.shape, &starts, &ends, i64s(cx, 3).as_deref(), i64s(cx, 4).as_deref())?;
    for (axis, r) in parts.iter().enumerate() {
        view = view.slice(axis, r.start, r.len, r.step);
    }
    cx.set_output(0, view);
    Ok(())
}
