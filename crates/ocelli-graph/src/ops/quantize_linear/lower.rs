use super::QuantizeLinear;
use crate::OpError;
use crate::plan::LowerCx;

pub(super) fn lower(op: &QuantizeLinear, cx: &mut LowerCx<'_>) -> Result<(), OpError> {
    let _ = (op, cx);
    Err(OpError::host_only("no kernel yet"))
}
