//! What many operators changed alike over the operator sets.

use ocelli_graph::ValueId;
use ocelli_tensor::Tensor;

use crate::ImportError;
use crate::call::call;
use crate::node::NodeCx;

/// The inputs with the attribute `name` as input `at` where the version is older than `since`, which made it an input.
pub(super) fn ints_as_input(
    cx: &mut NodeCx<'_>,
    name: &str,
    at: usize,
    since: i64,
) -> Result<Vec<Option<ValueId>>, ImportError> {
    let mut inputs = cx.inputs.clone();
    if cx.version < since
        && cx.optional(at).is_none()
        && let Some(values) = cx.attributes().ints(name)?
    {
        let values = values.to_vec();
        let id = cx.i64s(&values)?;
        set(&mut inputs, at, id);
    }
    Ok(inputs)
}

/// The inputs with the float attribute `name` as input `at`, in the type of input 0.
pub(super) fn float_as_input(
    cx: &mut NodeCx<'_>,
    inputs: &mut Vec<Option<ValueId>>,
    name: &str,
    at: usize,
) -> Result<(), ImportError> {
    if let Some(value) = cx.attributes().float(name)? {
        let like = cx.input(0)?;
        let id = cx.float_like(value, like)?;
        set(inputs, at, id);
    }
    Ok(())
}

/// Makes `id` input `at`.
pub(super) fn set(inputs: &mut Vec<Option<ValueId>>, at: usize, id: ValueId) {
    if inputs.len() <= at {
        inputs.resize(at + 1, None);
    }
    if let Some(slot) = inputs.get_mut(at) {
        *slot = Some(id);
    }
}

/// The two operands of an elementwise operator. Before version 7 the attribute `axis` said which dimension of the first
/// operand the first of the second one belongs to; the second one gets dimensions of 1 behind it.
pub(super) fn broadcast_operands(cx: &mut NodeCx<'_>) -> Result<Vec<Option<ValueId>>, ImportError> {
    let inputs = cx.inputs.clone();
    if cx.version >= 7 || !cx.attributes().flag("broadcast", false)? {
        return Ok(inputs);
    }
    let Some(axis) = cx.attributes().int("axis")? else {
        return Ok(inputs);
    };
    let (a, b) = (cx.input(0)?, cx.input(1)?);
    let shape = cx.shape_of(b)?;
    let b_rank = cx.apply(call("Size"), &[shape])?;
    let axis_value = cx.constant(Tensor::scalar(axis))?;
    let mut behind = axis_value;
    if axis < 0 {
        // Counted from the back: the rank of the first operand cancels out.
        let zero = cx.constant(Tensor::scalar(0i64))?;
        behind = cx.apply(call("Sub"), &[zero, behind])?;
    } else {
        let a_rank = cx.rank_of(a)?;
        behind = cx.apply(call("Sub"), &[a_rank, behind])?;
    }
    let behind = cx.apply(call("Sub"), &[behind, b_rank])?;
    let ones = cx.ones(behind)?;
    let shape = cx.apply(call("Concat").int("axis", 0), &[shape, ones])?;
    let b = cx.apply(call("Reshape"), &[b, shape])?;
    Ok(vec![Some(a), Some(b)])
}
