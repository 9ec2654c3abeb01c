use super::DequantizeLinear;
use crate::OpError;
use crate::ops::quantization;
use crate::plan::LowerCx;

pub(super) fn lower(op: &DequantizeLinear, cx: &mut LowerCx<'_>) -> Result<(), OpError> {
    quantization::lower(&op.clone().into(), op.axis, op.block_size, cx)
}
