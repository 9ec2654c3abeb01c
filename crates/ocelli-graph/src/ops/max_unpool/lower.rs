use super::MaxUnpool;
use crate::OpError;
use crate::plan::LowerCx;

pub(super) fn lower(_op: &MaxUnpool, _cx: &mut LowerCx<'_>) -> Result<(), OpError> {
    Err(OpError::host_only("MaxUnpool has no kernel"))
}
