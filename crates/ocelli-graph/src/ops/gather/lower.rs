use super::Gather;
use crate::OpError;
use crate::plan::LowerCx;

pub(super) fn lower(_op: &Gather, _cx: &mut LowerCx<'_>) -> Result<(), OpError> {
    Err(OpError::host_only("no kernel"))
}
