use super::Where;
use crate::OpError;
use crate::ops::scalar;
use crate::plan::LowerCx;

pub(super) fn lower(cx: &mut LowerCx<'_>) -> Result<(), OpError> {
    scalar::lower(&Where.into(), cx)
}
