use super::GlobalPool;
use crate::OpError;
use crate::plan::LowerCx;

pub(super) fn lower(_op: &GlobalPool, _cx: &mut LowerCx<'_>) -> Result<(), OpError> {
    Err(OpError::host_only("GlobalPool has no kernel"))
}
