use super::ConvTranspose;
use crate::OpError;
use crate::plan::LowerCx;

pub(super) fn lower(_op: &ConvTranspose, _cx: &mut LowerCx<'_>) -> Result<(), OpError> {
    Err(OpError::host_only("ConvTranspose has no kernel"))
}
