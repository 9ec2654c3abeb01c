use super::{Unary, UnaryKind};
use crate::OpError;
use crate::ops::scalar;
use crate::plan::LowerCx;

pub(super) fn lower(op: &Unary, cx: &mut LowerCx<'_>) -> Result<(), OpError> {
    if op.kind == UnaryKind::Identity {
        let x = cx.input(0)?;
        cx.set_output(0, x);
        return Ok(());
    }
    scalar::lower(&op.clone().into(), cx)
}
