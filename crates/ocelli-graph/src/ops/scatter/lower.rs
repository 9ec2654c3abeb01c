use super::Scatter;
use crate::OpError;
use crate::plan::LowerCx;

pub(super) fn lower(_op: &Scatter, _cx: &mut LowerCx<'_>) -> Result<(), OpError> {
    Err(OpError::host_only("no kernel"))
}
