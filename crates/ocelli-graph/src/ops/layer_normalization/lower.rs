use super::LayerNormalization;
use crate::ops::lowering::{Normalization, expect_floats, normalize};
use crate::plan::{Accepts, LowerCx};
use crate::{InferCx, OpError};

pub(super) fn lower(op: &LayerNormalization, cx: &mut LowerCx<'_>) -> Result<(), OpError> {
    let x = cx.input(0)?;
    let axes: Vec<usize> = (InferCx::axis(op.axis, x.shape.len())?..x.shape.len()).collect();
    let scale = cx.input(1)?;
    let bias = if cx.has_input(2) { Some(cx.input(2)?) } else { None };
    let mut reads = vec![&x, &scale];
    reads.extend(&bias);
    expect_floats(&reads)?;
    if x.elems() == 0 {
        return Err(OpError::host_only("an empty tensor"));
    }
    let out = cx.output(0, Accepts::Strided, &reads)?;
    let op = Normalization {
        axes: &axes,
        epsilon: op.epsilon,
        centred: true,
        scale: Some(&scale),
        bias: bias.as_ref(),
    };
    let (mean, inverse) = normalize(cx, &op, &x, &out)?;
    if let Some(mean) = mean {
        cx.set_output(1, mean);
    }
    cx.set_output(2, inverse);
    Ok(())
}
