use ocelli_tensor::Tensor;

use super::Scan;
use crate::operator::Outputs;
use crate::ops::body::{run_body, stack};
use crate::ops::numeric::{lanes, pick};
use crate::ops::util::required;
use crate::OpError;

pub(super) fn evaluate(op: &Scan, inputs: &[Option<Tensor>]) -> Outputs {
    op.check()?;
    let given = (0..op.body.inputs.len()).map(|i| required(inputs, i).cloned()).collect::<Result<Vec<_>, _>>()?;
    let (initial, rest) = given.split_at(op.states);
    let (scanned, captures) = rest.split_at(op.scan_inputs);
    let (axes, count) = op.input_axes(&scanned.iter().map(Tensor::shape).collect::<Vec<_>>())?;
    let mut state = initial.to_vec();
    let mut scans: Vec<Vec<Tensor>> = vec![Vec::new(); op.body.outputs.len() - op.states];
    if count == 0 && !scans.is_empty() {
        return Err(OpError::unsupported("a scan over no slices"));
    }
    for t in 0..count {
        let mut operands = state.clone();
        for (i, (tensor, &axis)) in scanned.iter().zip(&axes).enumerate() {
            let reversed = op.scan_input_reversed.get(i).copied().unwrap_or(false);
            operands.push(slice(tensor, axis, if reversed { count - 1 - t } else { t })?);
        }
        operands.extend(captures.iter().cloned());
        let mut results = run_body(&op.body, &operands)?.into_iter();
        state = results.by_ref().take(op.states).collect();
        for (all, step) in scans.iter_mut().zip(results) {
            all.push(step);
        }
    }
    for (i, steps) in scans.iter().enumerate() {
        let axis = op.output_axis(i, steps.first().map_or(0, Tensor::rank))?;
        let reversed = op.scan_output_reversed.get(i).copied().unwrap_or(false);
        state.push(stack(steps, axis, reversed)?);
    }
    Ok(state)
}

/// Element `index` along `axis`, which vanishes.
fn slice(t: &Tensor, axis: usize, index: usize) -> Result<Tensor, OpError> {
    let (outer, len, inner) = lanes(t.shape(), axis);
    let at: Vec<usize> =
        (0..outer).flat_map(|o| (0..inner).map(move |i| (o * len + index) * inner + i)).collect();
    let mut shape = t.shape().to_vec();
    shape.remove(axis);
    pick(t, &shape, &at)
}
