use super::DeformConv;
use crate::OpError;
use crate::plan::LowerCx;

pub(super) fn lower(_op: &DeformConv, _cx: &mut LowerCx<'_>) -> Result<(), OpError> {
    Err(OpError::host_only("DeformConv has no kernel"))
}
