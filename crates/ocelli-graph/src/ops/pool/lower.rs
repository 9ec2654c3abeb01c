use super::Pool;
use crate::OpError;
use crate::plan::LowerCx;

pub(super) fn lower(_op: &Pool, _cx: &mut LowerCx<'_>) -> Result<(), OpError> {
    Err(OpError::host_only("Pool has no kernel"))
}
