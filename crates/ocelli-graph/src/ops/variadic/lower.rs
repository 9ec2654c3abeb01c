use ocelli_shaders::kernels::elementwise::MAX_INPUTS;

use super::{Variadic, VariadicKind};
use crate::ops::scalar::{self, Builder, Operand};
use crate::plan::{Accepts, LowerCx, View};
use crate::{Op, OpError};

/// One kernel when the operands fit in one; else partial results of as many operands as fit.
pub(super) fn lower(op: &Variadic, cx: &mut LowerCx<'_>) -> Result<(), OpError> {
    let count = cx.node().inputs.len();
    if count <= MAX_INPUTS {
        return scalar::lower(&op.clone().into(), cx);
    }
    let ty = cx.output_type(0)?;
    let (dtype, shape) = (ty.dtype, ty.shape.clone());
    // A mean is a sum that the last kernel divides.
    let partial: Op = Variadic { kind: if op.kind == VariadicKind::Mean { VariadicKind::Sum } else { op.kind } }.into();
    let mut rest = (0..count).map(|i| cx.input(i)).collect::<Result<Vec<View>, _>>()?;
    let all = rest.clone();
    loop {
        let taken: Vec<View> = rest.drain(..rest.len().min(MAX_INPUTS)).collect();
        let mut b = Builder::default();
        let operands: Vec<Option<Operand>> = taken.iter().map(|v| Some(b.input(v.elem, dtype))).collect();
        let mut result = scalar::emit(&partial, &operands, dtype, &mut b)?;
        let last = rest.is_empty();
        if last && op.kind == VariadicKind::Mean {
            result = scalar::mean(result, count, &mut b)?;
        }
        let out = if last {
            cx.output(0, Accepts::Strided, &all.iter().chain(&taken).collect::<Vec<_>>())?
        } else {
            cx.scratch(taken.first().map_or(ocelli_shaders::Elem::F32, |v| v.elem), &shape)
        };
        cx.pointwise_into(&b.finish(result), &taken, &out)?;
        if last {
            return Ok(());
        }
        rest.insert(0, out);
    }
}
