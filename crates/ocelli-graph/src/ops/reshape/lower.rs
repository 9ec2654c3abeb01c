use crate::OpError;
use crate::plan::LowerCx;

/// A view when the strides allow it, else a view of a dense copy.
pub(super) fn lower(cx: &mut LowerCx<'_>) -> Result<(), OpError> {
    let x = cx.input(0)?;
    let shape = cx.output_type(0)?.shape.clone();
    let view = match x.reshape(&shape) {
        Some(view) => view,
        None => cx.dense(&x)?.reshape(&shape).ok_or_else(|| OpError::invalid("a dense copy cannot be reshaped"))?,
    };
    cx.set_output(0, view);
    Ok(())
}
