use super::Binary;
use crate::OpError;
use crate::ops::scalar;
use crate::plan::LowerCx;

pub(super) fn lower(op: &Binary, cx: &mut LowerCx<'_>) -> Result<(), OpError> {
    scalar::lower(&op.clone().into(), cx)
}
