use super::general::lower_floats;
use super::planar::{Filters, Planar, hw};
use super::{Conv, geometry};
use crate::OpError;
use crate::plan::LowerCx;

/// Lowers convolutions of one and two spatial dimensions to `conv.direct`, those of three to `conv.general`.
pub(super) fn lower(op: &Conv, cx: &mut LowerCx<'_>) -> Result<(), OpError> {
    let (x, w) = (cx.input_type(0)?, cx.input_type(1)?);
    let (window, _) = geometry(&op.window, op.group, &x.shape, &w.shape)?;
    let filters = Filters {
        groups: op.group,
        outputs: w.shape[0] / op.group.max(1),
        inputs: w.shape[1],
        inputs_first: false,
    };
    if window.kernel.len() > 2 {
        return lower_floats(false, filters, &window, cx);
    }
    Planar { transposed: false, filters, window: hw(&window)? }.lower(cx)
}
