use crate::OpError;
use crate::plan::{Accepts, LowerCx};

/// A view when the strides allow it, else a copy, to where a later Concat wants it if it can be.
pub(super) fn lower(cx: &mut LowerCx<'_>) -> Result<(), OpError> {
    let x = cx.input(0)?;
    let shape = cx.output_type(0)?.shape.clone();
    let view = match x.reshape(&shape) {
        Some(view) => view,
        None => {
            let out = cx.output(0, Accepts::Strided, &[&x])?;
            if let Some(to) = out.reshape(&x.shape) {
                return cx.copy(&x, &to);
            }
            cx.dense(&x)?.reshape(&shape).ok_or_else(|| OpError::invalid("a dense copy cannot be reshaped"))?
        }
    };
    cx.set_output(0, view);
    Ok(())
}
