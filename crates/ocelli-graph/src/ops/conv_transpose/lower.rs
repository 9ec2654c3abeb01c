use super::ConvTranspose;
use crate::OpError;
use crate::ops::conv::general::lower_floats;
use crate::ops::conv::planar::{Filters, Planar, hw};
use crate::plan::LowerCx;

/// Lowers to `conv.transposed`, or in three dimensions to `conv.general`; both gather.
pub(super) fn lower(op: &ConvTranspose, cx: &mut LowerCx<'_>) -> Result<(), OpError> {
    let (x, w) = (cx.input_type(0)?, cx.input_type(1)?);
    let (window, _) = op.geometry(&x.shape, &w.shape)?;
    let filters = Filters {
        groups: op.group,
        outputs: w.shape[1],
        inputs: w.shape[0] / op.group.max(1),
        inputs_first: true,
    };
    if window.kernel.len() > 2 {
        return lower_floats(true, filters, &window, cx);
    }
    Planar { transposed: true, filters, window: hw(&window)? }.lower(cx)
}
