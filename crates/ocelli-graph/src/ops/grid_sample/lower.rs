use super::GridSample;
use crate::OpError;
use crate::plan::LowerCx;

pub(super) fn lower(_op: &GridSample, _cx: &mut LowerCx<'_>) -> Result<(), OpError> {
    Err(OpError::host_only("GridSample has no kernel"))
}
