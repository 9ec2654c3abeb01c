use super::{Dims, MatMul};
use crate::OpError;
use crate::ops::lowering::product;
use crate::plan::{Accepts, LowerCx};

/// Lowers to a matrix product; transposed operands are read where they lie.
pub(super) fn lower(_op: &MatMul, cx: &mut LowerCx<'_>) -> Result<(), OpError> {
    let (mut a, mut b) = (cx.input(0)?, cx.input(1)?);
    let dims = Dims::new(&a.shape, &b.shape)?;
    if a.shape.len() == 1 {
        (a.shape, a.strides) = (dims.a.clone(), vec![0, a.strides[0]]);
    }
    if b.shape.len() == 1 {
        (b.shape, b.strides) = (dims.b.clone(), vec![b.strides[0], 0]);
    }
    let full = [&dims.batch[..], &[dims.m, dims.n]].concat();
    let mut dst = if dims.y == full {
        cx.output(0, Accepts::Rows, &[&a, &b])?
    } else {
        cx.output(0, Accepts::Dense, &[&a, &b])?
    };
    if dims.y != full {
        dst = dst.reshape(&full).ok_or_else(|| OpError::invalid("a dense output"))?;
    }
    product(cx, &a, &b, &dst, None, &[])
}
