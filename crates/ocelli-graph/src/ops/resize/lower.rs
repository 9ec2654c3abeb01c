use super::Resize;
use crate::OpError;
use crate::plan::LowerCx;

pub(super) fn lower(_op: &Resize, _cx: &mut LowerCx<'_>) -> Result<(), OpError> {
    Err(OpError::host_only("Resize has no kernel"))
}
