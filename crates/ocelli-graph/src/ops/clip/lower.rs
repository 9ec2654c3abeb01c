use crate::OpError;
use crate::plan::LowerCx;

pub(super) fn lower(cx: &mut LowerCx<'_>) -> Result<(), OpError> {
    let _ = cx;
    Err(OpError::host_only("no kernel yet"))
}
