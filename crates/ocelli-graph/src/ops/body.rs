//! Bodies of If, Loop and Scan: graphs inside an operator.
//!
//! A body is a [`Graph`] whose inputs are the formal ones of the standard, followed by one for each value of the
//! surrounding graph that it reads (a *capture*). The node feeds the captures behind its standard operands, in the order
//! of the body's inputs, so that a body never looks outside by name.

use ocelli_tensor::Tensor;

use crate::interpreter::{self, NodeError};
use crate::{BindError, Graph, InferCx, OpError, TensorType, bind};

/// What is known of an operand of a body.
pub(crate) struct Operand<'a> {
    pub ty: TensorType,
    pub constant: Option<&'a Tensor>,
}

/// Operand `i` of the node, with its value when that is a constant.
pub(crate) fn operand<'a>(cx: &InferCx<'a>, i: usize) -> Result<Operand<'a>, OpError> {
    Ok(Operand { ty: cx.input(i)?.clone(), constant: cx.constants.get(i).copied().flatten() })
}

/// The body with all types known, or `None` when some depend on values that are not known yet.
pub(crate) fn bind_body(body: &Graph, operands: &[Operand<'_>]) -> Result<Option<Graph>, OpError> {
    let mut body = body.clone();
    let types: Vec<TensorType> = operands.iter().map(|o| o.ty.clone()).collect();
    let mut constants = Vec::new();
    for (input, operand) in body.inputs.iter_mut().zip(operands) {
        // The operand decides: a body need not declare the types of its inputs, and cannot those of captures.
        input.dtype = operand.ty.dtype;
        input.dims = None;
        constants.extend(operand.constant.map(|c| (input.value, c.clone())));
    }
    for (value, constant) in constants {
        body.set_constant(value, constant);
    }
    let bound = bind(&body, &types).map_err(|e| match e {
        BindError::Node(e) => in_body(e),
        e => OpError::invalid(format!("the body: {e}")),
    })?;
    Ok(bound.waits_for.is_none().then_some(bound.graph))
}

/// Types of the outputs of a bound body.
pub(crate) fn output_types(body: &Graph) -> Result<Vec<TensorType>, OpError> {
    let ty = |id: &crate::ValueId| {
        body.ty(*id).cloned().ok_or_else(|| OpError::invalid("an output of the body has no type"))
    };
    body.outputs.iter().map(ty).collect()
}

/// Runs a body with the references.
pub(crate) fn run_body(body: &Graph, inputs: &[Tensor]) -> Result<Vec<Tensor>, OpError> {
    if inputs.len() != body.inputs.len() {
        return Err(OpError::invalid(format!("the body takes {} operands, got {}", body.inputs.len(), inputs.len())));
    }
    let outputs = interpreter::run(body, inputs).map_err(in_body)?;
    if outputs.len() != body.outputs.len() {
        return Err(OpError::invalid("an output of the body is never computed"));
    }
    Ok(outputs)
}

fn in_body(e: NodeError) -> OpError {
    let text = format!("in the body, {e}");
    match e.source {
        OpError::Unsupported(_) => OpError::unsupported(text),
        _ => OpError::invalid(text),
    }
}

/// The one truth value of a condition.
pub(crate) fn truth(t: &Tensor) -> Result<bool, OpError> {
    match t.bools()?[..] {
        [b] => Ok(b),
        _ => Err(OpError::invalid(format!("a condition of {} elements", t.len()))),
    }
}

/// Tensors of one type stacked along a new `axis`; `reversed` puts the last first.
pub(crate) fn stack(steps: &[Tensor], axis: usize, reversed: bool) -> Result<Tensor, OpError> {
    let first = steps.first().ok_or_else(|| OpError::invalid("no step to stack"))?;
    if let Some(other) = steps.iter().find(|t| t.dtype() != first.dtype() || t.shape() != first.shape()) {
        return Err(OpError::invalid(format!("steps of a scan output differ: {first:?} and {other:?}")));
    }
    let outer: usize = first.shape().iter().take(axis).product();
    let inner: usize = first.shape().iter().skip(axis).product();
    let bytes = inner * first.dtype().size_bytes();
    let mut data = Vec::with_capacity(steps.len() * first.bytes().len());
    for o in 0..outer {
        for t in 0..steps.len() {
            let step = &steps[if reversed { steps.len() - 1 - t } else { t }];
            data.extend_from_slice(&step.bytes()[o * bytes..(o + 1) * bytes]);
        }
    }
    let mut shape = first.shape().to_vec();
    shape.insert(axis.min(shape.len()), steps.len());
    Ok(Tensor::new(first.dtype(), &shape, ocelli_tensor::Data::new(data))?)
}
