use ocelli_tensor::Tensor;

use super::{Loop, MAX_ITERATIONS};
use crate::ops::body::{Operand, bind_body, output_types, run_body, stack, truth};
use crate::ops::bounds::MAX_ELEMS;
use crate::ops::util::{optional, required};
use crate::{OpError, TensorType, operator::Outputs};

pub(super) fn evaluate(op: &Loop, inputs: &[Option<Tensor>]) -> Outputs {
    op.check()?;
    let limit = match optional(inputs, 0) {
        Some(m) => m.to_i64s().first().copied().unwrap_or(0),
        None => i64::MAX,
    };
    let mut go_on = optional(inputs, 1).map_or(Ok(true), truth)?;
    let given = (2..op.body.inputs.len()).map(|i| required(inputs, i).cloned()).collect::<Result<Vec<_>, _>>()?;
    let (initial, captures) = given.split_at(op.carried);
    let mut state = initial.to_vec();
    let mut scans: Vec<Vec<Tensor>> = vec![Vec::new(); op.body.outputs.len() - 1 - op.carried];
    let (mut i, mut elems) = (0i64, 0usize);
    while go_on && i < limit {
        if i == MAX_ITERATIONS {
            return Err(OpError::unsupported(format!("more than {MAX_ITERATIONS} iterations")));
        }
        let mut operands = vec![Tensor::scalar(i), Tensor::from_bools(&[], &[true])?];
        operands.extend(state.iter().chain(captures).cloned());
        let mut results = run_body(&op.body, &operands)?.into_iter();
        go_on = truth(&results.next().ok_or_else(|| OpError::invalid("the body gives no condition"))?)?;
        state = results.by_ref().take(op.carried).collect();
        for (all, step) in scans.iter_mut().zip(results) {
            elems = elems.saturating_add(step.len());
            all.push(step);
        }
        if elems > MAX_ELEMS {
            return Err(OpError::invalid("scan outputs are too large: at most 2^31 elements"));
        }
        i += 1;
    }
    let empty = if i == 0 { empty_scans(op, initial, captures)? } else { Vec::new() };
    for (j, steps) in scans.iter().enumerate() {
        state.push(match empty.get(j) {
            Some(ty) => Tensor::zeros(ty.dtype, &[&[0], &ty.shape[..]].concat())?,
            None => stack(steps, 0, false)?,
        });
    }
    Ok(state)
}

/// Types of one step of the scan outputs of a loop that never runs.
fn empty_scans(op: &Loop, initial: &[Tensor], captures: &[Tensor]) -> Result<Vec<TensorType>, OpError> {
    let (i, yes) = (Tensor::scalar(0i64), Tensor::from_bools(&[], &[true])?);
    let operands: Vec<Operand<'_>> = [&i, &yes]
        .into_iter()
        .chain(initial)
        .chain(captures)
        .map(|t| Operand { ty: TensorType::new(t.dtype(), t.shape()), constant: Some(t) })
        .collect();
    let bound = bind_body(&op.body, &operands)?
        .ok_or_else(|| OpError::unsupported("the shape of a scan output without iterations"))?;
    Ok(output_types(&bound)?.split_off(1 + op.carried))
}
