use super::Cast;
use crate::OpError;
use crate::ops::scalar::{self, Builder, Operand};
use crate::plan::{LowerCx, Source};

pub(super) fn lower(cx: &mut LowerCx<'_>) -> Result<(), OpError> {
    let to = cx.output_type(0)?.dtype;
    let dtype = cx.input_type(0)?.dtype;
    let x = cx.input(0)?;
    let mut b = Builder::default();
    // Input 1 of CastLike counts by its dtype alone.
    let operand: Operand = b.input(x.elem, dtype);
    let result = scalar::emit(&Cast { to: Some(to) }.into(), &[Some(operand)], to, &mut b)?;
    if result.arg == operand.arg {
        cx.set_output(0, x);
        return Ok(());
    }
    scalar::finish(cx, b, result, &[Source::Words(x)])
}
