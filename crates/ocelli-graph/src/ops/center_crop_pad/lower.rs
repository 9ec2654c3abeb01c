use super::CenterCropPad;
use crate::OpError;
use crate::plan::LowerCx;

pub(super) fn lower(_op: &CenterCropPad, _cx: &mut LowerCx<'_>) -> Result<(), OpError> {
    Err(OpError::host_only("CenterCropPad has no kernel"))
}
