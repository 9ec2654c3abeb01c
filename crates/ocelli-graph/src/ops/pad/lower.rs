use super::Pad;
use crate::OpError;
use crate::plan::LowerCx;

pub(super) fn lower(_op: &Pad, _cx: &mut LowerCx<'_>) -> Result<(), OpError> {
    Err(OpError::host_only("Pad has no kernel"))
}
