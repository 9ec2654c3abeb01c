//! [Scan](https://onnx.ai/onnx/operators/onnx__Scan.html): a body applied to the slices of tensors, with carried state.
//!
//! | input of the node | |
//! |---|---|
//! | initial states | `states` tensors |
//! | scan inputs | `scan_inputs` tensors, all of one size along their scan axes |
//! | captures | one for each further input of the body, see [`body`](super::body) |
//!
//! The body takes (states, one slice of each scan input without its axis, captures) and gives (states, scan values). The
//! node gives the final states, then each scan value stacked along its output axis.

#[allow(missing_docs, reason = "one function")]
pub mod cases;

mod reference;

use ocelli_tensor::Tensor;
use super::body::{Operand, bind_body, operand, output_types};
use super::bounds::bounded;
use super::numeric::needs_values;
use crate::Graph;

use crate::{InferCx, OpError, Operator, TensorType, operator::Outputs};

/// A scan. Empty vectors of axes and directions mean 0 and forward.
#[derive(Clone, Debug, PartialEq)]
pub struct Scan {
    /// What is applied to each slice.
    pub body: Graph,
    /// Number of states.
    pub states: usize,
    /// Number of scan inputs.
    pub scan_inputs: usize,
    /// Axis of each scan input.
    pub scan_input_axes: Vec<i64>,
    /// Whether each scan input is taken from the back.
    pub scan_input_reversed: Vec<bool>,
    /// Axis of each scan output.
    pub scan_output_axes: Vec<i64>,
    /// Whether each scan output is filled from the back.
    pub scan_output_reversed: Vec<bool>,
}

impl Scan {
    /// The axis of each scan input and the common number of slices.
    fn input_axes(&self, shapes: &[&[usize]]) -> Result<(Vec<usize>, usize), OpError> {
        let mut axes = Vec::new();
        let mut count = None;
        for (i, shape) in shapes.iter().enumerate() {
            let axis = InferCx::axis(self.scan_input_axes.get(i).copied().unwrap_or(0), shape.len())?;
            let size = shape.get(axis).copied().ok_or_else(|| OpError::invalid(format!("scan input {i} is a scalar")))?;
            if count.is_some_and(|c| c != size) {
                return Err(OpError::invalid(format!("scan input {i} has {size} slices, the one before another number")));
            }
            count = Some(size);
            axes.push(axis);
        }
        Ok((axes, count.ok_or_else(|| OpError::invalid("no scan input"))?))
    }

    /// The axis of scan output `i`, whose steps have `rank` dimensions.
    fn output_axis(&self, i: usize, rank: usize) -> Result<usize, OpError> {
        InferCx::axis(self.scan_output_axes.get(i).copied().unwrap_or(0), rank + 1)
    }

    fn check(&self) -> Result<(), OpError> {
        let (inputs, outputs) = (self.body.inputs.len(), self.body.outputs.len());
        if inputs < self.states.saturating_add(self.scan_inputs) || outputs < self.states || self.scan_inputs == 0 {
            return Err(OpError::invalid(format!(
                "a body of {inputs} inputs and {outputs} outputs does not fit {} states and {} scan inputs",
                self.states, self.scan_inputs
            )));
        }
        Ok(())
    }
}

impl Operator for Scan {
    fn name(&self) -> &'static str {
        "Scan"
    }

    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, OpError> {
        self.check()?;
        let mut operands = Vec::new();
        for i in 0..self.states {
            operands.push(Operand { ty: cx.input(i)?.clone(), constant: None });
        }
        let scanned = (self.states..self.states + self.scan_inputs).map(|i| cx.input(i)).collect::<Result<Vec<_>, _>>()?;
        let (axes, count) = self.input_axes(&scanned.iter().map(|t| &t.shape[..]).collect::<Vec<_>>())?;
        for (ty, axis) in scanned.iter().zip(axes) {
            let mut slice = (*ty).clone();
            slice.shape.remove(axis);
            operands.push(Operand { ty: slice, constant: None });
        }
        for i in self.states + self.scan_inputs..self.body.inputs.len() {
            operands.push(operand(cx, i)?);
        }
        let Some(bound) = bind_body(&self.body, &operands)? else { return Err(needs_values(cx)) };
        let types = output_types(&bound)?;
        let (states, scans) = types.split_at(self.states);
        if states.iter().enumerate().any(|(i, ty)| cx.optional(i) != Some(ty)) {
            return Err(needs_values(cx));
        }
        let mut all = states.to_vec();
        for (i, scan) in scans.iter().enumerate() {
            let mut shape = scan.shape.clone();
            shape.insert(self.output_axis(i, scan.rank())?, count);
            all.push(bounded(scan.dtype, shape)?);
        }
        Ok(all)
    }

    fn evaluate(&self, inputs: &[Option<Tensor>], _outputs: usize) -> Outputs {
        reference::evaluate(self, inputs)
    }
}
