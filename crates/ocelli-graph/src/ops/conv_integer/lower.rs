use super::ConvInteger;
use crate::OpError;
use crate::plan::LowerCx;

pub(super) fn lower(_op: &ConvInteger, _cx: &mut LowerCx<'_>) -> Result<(), OpError> {
    Err(OpError::host_only("ConvInteger has no kernel"))
}
