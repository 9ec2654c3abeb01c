use ocelli_tensor::Tensor;

use super::CenterCropPad;
use crate::OpError;
use crate::ops::pad::{PadMode, crop_and_pad};
use crate::plan::LowerCx;

/// A view, or one call of the padding kernel.
pub(super) fn lower(op: &CenterCropPad, cx: &mut LowerCx<'_>) -> Result<(), OpError> {
    let Some(wanted) = cx.constant(1).map(Tensor::to_i64s) else {
        return Err(OpError::host_only("the shape is not constant"));
    };
    let x = cx.input(0)?;
    let axes = op.resolved(&x.shape, &wanted)?;
    crop_and_pad(cx, &x, &axes, PadMode::Constant, 0)
}
