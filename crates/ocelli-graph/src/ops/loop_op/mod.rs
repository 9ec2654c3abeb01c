//! [Loop](https://onnx.ai/onnx/operators/onnx__Loop.html): a body repeated while a condition holds.
//!
//! | input of the node | |
//! |---|---|
//! | M | int64, one element, optional: most iterations |
//! | cond | bool, one element, optional: whether to begin |
//! | initial values | `carried` tensors |
//! | captures | one for each further input of the body, see [`body`](super::body) |
//!
//! The body takes (iteration number, condition, carried values, captures) and gives (condition, carried values, scan values).
//! The node gives the final carried values, then each scan value stacked along a new first dimension.

#[allow(missing_docs, reason = "one function")]
pub mod cases;

mod reference;

use ocelli_tensor::Tensor;
use ocelli_tensor::DType;

use super::body::{Operand, bind_body, operand, output_types, truth};
use super::bounds::bounded;
use super::numeric::needs_values;
use crate::Graph;

use crate::{InferCx, OpError, Operator, TensorType, operator::Outputs};

/// A loop.
#[derive(Clone, Debug, PartialEq)]
pub struct Loop {
    /// What is repeated.
    pub body: Graph,
    /// Number of values that are carried from one iteration to the next.
    pub carried: usize,
}

/// Most iterations of a loop, so that a condition that never fails ends with an error.
pub(crate) const MAX_ITERATIONS: i64 = 1 << 24;

impl Loop {
    /// Types of the body's outputs with what is known of the node's inputs, and whether the condition that it returns is
    /// always true; `None` when they depend on values.
    fn body_types(&self, cx: &InferCx<'_>) -> Result<Option<(Vec<TensorType>, bool)>, OpError> {
        let yes = Tensor::from_bools(&[], &[true])?;
        let mut operands = vec![
            Operand { ty: TensorType::new(DType::I64, []), constant: None },
            // The body only runs while the condition holds.
            Operand { ty: TensorType::new(DType::Bool, []), constant: Some(&yes) },
        ];
        for i in 0..self.carried {
            operands.push(Operand { ty: cx.input(2 + i)?.clone(), constant: None });
        }
        for i in 2 + self.carried..self.body.inputs.len() {
            operands.push(operand(cx, i)?);
        }
        let Some(bound) = bind_body(&self.body, &operands)? else { return Ok(None) };
        let first = bound.outputs.first().and_then(|id| bound.constant(*id));
        let endless = first.is_some_and(|c| truth(c) == Ok(true));
        Ok(Some((output_types(&bound)?, endless)))
    }

    fn check(&self) -> Result<(), OpError> {
        let (inputs, outputs) = (self.body.inputs.len(), self.body.outputs.len());
        if inputs < 2 + self.carried || outputs < 1 + self.carried {
            return Err(OpError::invalid(format!(
                "a body of {inputs} inputs and {outputs} outputs cannot carry {} values",
                self.carried
            )));
        }
        Ok(())
    }
}

impl Operator for Loop {
    fn name(&self) -> &'static str {
        "Loop"
    }

    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, OpError> {
        self.check()?;
        if cx.has(0) {
            cx.expect_dtype(0, &[DType::I64, DType::I32])?;
        }
        if cx.has(1) {
            cx.expect_dtype(1, &[DType::Bool])?;
        }
        let given = |i: usize| cx.constants.get(i).copied().flatten();
        let Some((types, endless)) = self.body_types(cx)? else { return Err(needs_values(cx)) };
        let (state, scans) = types[1..].split_at(self.carried);
        let stable = state.iter().enumerate().all(|(i, ty)| cx.optional(2 + i) == Some(ty));
        let begins = if cx.has(1) { given(1).map(truth).transpose()? } else { Some(true) };
        let count = given(0).and_then(|m| m.to_i64s().first().copied());
        match (count, begins) {
            _ if stable && scans.is_empty() => Ok(state.to_vec()),
            (Some(count), Some(true)) if stable && endless => {
                let mut all = state.to_vec();
                for scan in scans {
                    let mut shape = vec![count.clamp(0, MAX_ITERATIONS) as usize];
                    shape.extend(&scan.shape);
                    all.push(bounded(scan.dtype, shape)?);
                }
                Ok(all)
            }
            _ => Err(needs_values(cx)),
        }
    }

    fn evaluate(&self, inputs: &[Option<Tensor>], _outputs: usize) -> Outputs {
        reference::evaluate(self, inputs)
    }
}
