use super::QLinearConv;
use crate::OpError;
use crate::plan::LowerCx;

pub(super) fn lower(_op: &QLinearConv, _cx: &mut LowerCx<'_>) -> Result<(), OpError> {
    Err(OpError::host_only("QLinearConv has no kernel"))
}
