use super::Clip;
use crate::OpError;
use crate::ops::scalar;
use crate::plan::LowerCx;

pub(super) fn lower(cx: &mut LowerCx<'_>) -> Result<(), OpError> {
    scalar::lower(&Clip.into(), cx)
}
