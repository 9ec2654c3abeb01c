use super::RoiAlign;
use crate::OpError;
use crate::plan::LowerCx;

pub(super) fn lower(_op: &RoiAlign, _cx: &mut LowerCx<'_>) -> Result<(), OpError> {
    Err(OpError::host_only("RoiAlign has no kernel"))
}
