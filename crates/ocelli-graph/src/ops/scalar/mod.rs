//! Elementwise operators as steps of a scalar [`Program`]: what the generated kernels and epilogues compute.

mod binary;
mod cast;
mod program;
mod quantize;
mod unary;

use ocelli_shaders::pointwise::{Arg, Fun, Program};
use ocelli_tensor::DType;

pub use binary::divide_by_count as mean;
pub use program::{Builder, Operand, literal};

use super::variadic::VariadicKind;
use crate::plan::{Accepts, LowerCx, Source, View};
use crate::{Op, OpError};

/// Whether `op` computes each element from the elements at the same (broadcast) place of its operands.
pub fn is_elementwise(op: &Op) -> bool {
    // CastLike reads the dtype of its second operand alone.
    matches!(op, Op::Cast(cast) if cast.to.is_some())
        || matches!(op, Op::Unary(_) | Op::Binary(_) | Op::Variadic(_) | Op::Where(_) | Op::Clip(_) | Op::Pointwise(_))
}

/// Appends the steps of `op` on `operands`, whose result has dtype `to`.
pub fn emit(op: &Op, operands: &[Option<Operand>], to: DType, b: &mut Builder) -> Result<Operand, OpError> {
    let get =
        |i: usize| operands.get(i).copied().flatten().ok_or_else(|| OpError::invalid(format!("input {i} is missing")));
    match op {
        Op::Unary(op) => unary::emit(op.kind, get(0)?, b),
        Op::Binary(op) => binary::emit(op.kind, get(0)?, get(1)?, b),
        Op::Variadic(op) => {
            let mut all = get(0)?;
            for i in 1..operands.len() {
                all = binary::variadic(op.kind, all, get(i)?, b)?;
            }
            if op.kind == VariadicKind::Mean { binary::divide_by_count(all, operands.len(), b) } else { Ok(all) }
        }
        Op::Where(_) => {
            let (c, x, y) = (get(0)?, get(1)?, get(2)?);
            Ok(b.step(Fun::Where, &[c, x, y], x.dtype))
        }
        Op::Clip(_) => {
            let bound = |i: usize| operands.get(i).copied().flatten();
            Ok(binary::clip(get(0)?, bound(1), bound(2), b))
        }
        Op::Cast(_) => cast::emit(get(0)?, to, b),
        Op::QuantizeLinear(op) => quantize::quantize(op, get(0)?, get(1)?, operands.get(2).copied().flatten(), to, b),
        Op::DequantizeLinear(_) => quantize::dequantize(get(0)?, get(1)?, operands.get(2).copied().flatten(), to, b),
        other => Err(OpError::host_only(format!("{} is not elementwise", crate::Operator::name(other)))),
    }
}

/// The operands of the node: scalar constants as literals, the others as inputs of the program, with their views.
fn operands(cx: &mut LowerCx<'_>, b: &mut Builder) -> Result<(Vec<Option<Operand>>, Vec<Source>), OpError> {
    let (mut operands, mut views) = (Vec::new(), Vec::new());
    for i in 0..cx.node().inputs.len() {
        if !cx.has_input(i) {
            operands.push(None);
            continue;
        }
        let dtype = cx.input_type(i)?.dtype;
        if let Some(arg) = cx.constant(i).and_then(literal) {
            operands.push(Some(Operand { arg, dtype }));
            continue;
        }
        let source = cx.source(i)?;
        operands.push(Some(b.input(source.elem(dtype)?, dtype)));
        views.push(source);
    }
    Ok((operands, views))
}

/// Lowers a node of one elementwise operator to a generated kernel.
pub fn lower(op: &Op, cx: &mut LowerCx<'_>) -> Result<(), OpError> {
    let mut b = Builder::default();
    let (operands, views) = operands(cx, &mut b)?;
    let result = emit(op, &operands, cx.output_type(0)?.dtype, &mut b)?;
    finish(cx, b, result, &views)
}

/// Lowers a node whose program is in `b`, with the places of its inputs. Packed operands are read as they are, and the
/// result is packed where a reader wants it so.
pub fn finish(cx: &mut LowerCx<'_>, b: Builder, result: Operand, sources: &[Source]) -> Result<(), OpError> {
    let program: Program = b.finish(result);
    let packed = sources.iter().find_map(|s| match s {
        Source::Bytes(_, bytes) => Some(bytes.axis),
        Source::Words(_) => None,
    });
    let wanted = cx.wanted_axis();
    if let Some(axis) = wanted.or(packed) {
        return cx.finish_packed(&program, sources, axis, wanted.is_some());
    }
    let views: Vec<View> = sources
        .iter()
        .filter_map(|s| match s {
            Source::Words(view) => Some(view.clone()),
            Source::Bytes(..) => None,
        })
        .collect();
    let out = cx.output(0, Accepts::Strided, &views.iter().collect::<Vec<_>>())?;
    cx.pointwise_into(&program, &views, &out)
}

/// Whether `operand` is a finite number that is known now.
fn finite(operand: Operand) -> bool {
    match operand.arg {
        Arg::Literal(ocelli_shaders::pointwise::Literal::F32(bits)) => f32::from_bits(bits).is_finite(),
        Arg::Literal(_) => true,
        _ => false,
    }
}
