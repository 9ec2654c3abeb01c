use super::Col2Im;
use crate::OpError;
use crate::plan::LowerCx;

pub(super) fn lower(_op: &Col2Im, _cx: &mut LowerCx<'_>) -> Result<(), OpError> {
    Err(OpError::host_only("Col2Im has no kernel"))
}
