use super::MaxRoiPool;
use crate::OpError;
use crate::plan::LowerCx;

pub(super) fn lower(_op: &MaxRoiPool, _cx: &mut LowerCx<'_>) -> Result<(), OpError> {
    Err(OpError::host_only("MaxRoiPool has no kernel"))
}
