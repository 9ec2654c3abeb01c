//! A chain (or tree) of elementwise operators that became one node: one generated kernel, or the epilogue of another.
//!
//! `inputs` of the node are the distinct operands of the chain; its only output is the result of the last step. The
//! reference is the composition of the references of the steps.

#[allow(missing_docs, reason = "one function")]
pub mod cases;

use ocelli_tensor::Tensor;

use super::scalar::{self, Builder, Operand, literal};
use super::util::optional;
use crate::plan::LowerCx;
use crate::{InferCx, Op, OpError, Operator, TensorType, operator::Outputs};

/// An operand of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepInput {
    /// An input of the node.
    Input(usize),
    /// The result of an earlier step.
    Step(usize),
}

/// One of the operators of the chain.
#[derive(Clone, Debug, PartialEq)]
pub struct PointwiseStep {
    /// The operator, elementwise, with one output.
    pub op: Op,
    /// Its operands.
    pub inputs: Vec<Option<StepInput>>,
}

/// A chain of elementwise operators in order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pointwise {
    /// The steps; the last one's result is the output.
    pub steps: Vec<PointwiseStep>,
}

impl Pointwise {
    /// The chain of one operator on operands `0..inputs`, those missing where `given` is false.
    pub fn single(op: Op, given: impl IntoIterator<Item = bool>) -> Pointwise {
        let mut next = 0;
        let inputs = given
            .into_iter()
            .map(|given| {
                given.then(|| {
                    next += 1;
                    StepInput::Input(next - 1)
                })
            })
            .collect();
        Pointwise { steps: vec![PointwiseStep { op, inputs }] }
    }

    /// Types of every step.
    pub fn types(&self, inputs: &[Option<TensorType>]) -> Result<Vec<TensorType>, OpError> {
        let mut types: Vec<TensorType> = Vec::with_capacity(self.steps.len());
        for step in &self.steps {
            let operands: Vec<Option<TensorType>> = step
                .inputs
                .iter()
                .map(|i| match i {
                    None => None,
                    Some(StepInput::Input(i)) => inputs.get(*i).cloned().flatten(),
                    Some(StepInput::Step(i)) => types.get(*i).cloned(),
                })
                .collect();
            let constants = vec![None; operands.len()];
            let cx = InferCx { inputs: &operands, constants: &constants, outputs: 1 };
            let ty = step.op.infer(&cx)?.into_iter().next();
            types.push(ty.ok_or_else(|| OpError::invalid(format!("{} has no output", step.op.name())))?);
        }
        Ok(types)
    }

    /// Appends the steps to a program; `operands` are those of the node, `types` those of the steps.
    pub fn emit(&self, operands: &[Option<Operand>], types: &[TensorType], b: &mut Builder) -> Result<Operand, OpError> {
        let mut results: Vec<Operand> = Vec::with_capacity(self.steps.len());
        for (step, ty) in self.steps.iter().zip(types) {
            let inputs: Vec<Option<Operand>> = step
                .inputs
                .iter()
                .map(|i| match i {
                    None => None,
                    Some(StepInput::Input(i)) => operands.get(*i).copied().flatten(),
                    Some(StepInput::Step(i)) => results.get(*i).copied(),
                })
                .collect();
            results.push(scalar::emit(&step.op, &inputs, ty.dtype, b)?);
        }
        results.last().copied().ok_or_else(|| OpError::invalid("a chain without steps"))
    }
}

impl Operator for Pointwise {
    fn name(&self) -> &'static str {
        "Pointwise"
    }

    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, OpError> {
        Ok(self.types(cx.inputs)?.into_iter().next_back().into_iter().collect())
    }

    fn evaluate(&self, inputs: &[Option<Tensor>], _outputs: usize) -> Outputs {
        let mut results: Vec<Tensor> = Vec::with_capacity(self.steps.len());
        for step in &self.steps {
            let operands: Vec<Option<Tensor>> = step
                .inputs
                .iter()
                .map(|i| match i {
                    None => None,
                    Some(StepInput::Input(i)) => optional(inputs, *i).cloned(),
                    Some(StepInput::Step(i)) => results.get(*i).cloned(),
                })
                .collect();
            results.extend(step.op.evaluate(&operands, 1)?.into_iter().next());
        }
        Ok(results.pop().into_iter().collect())
    }

    fn lower(&self, cx: &mut LowerCx<'_>) -> Result<(), OpError> {
        let mut b = Builder::default();
        let (mut operands, mut types, mut sources) = (Vec::new(), Vec::new(), Vec::new());
        for i in 0..cx.node().inputs.len() {
            if !cx.has_input(i) {
                operands.push(None);
                types.push(None);
                continue;
            }
            let ty = cx.input_type(i)?.clone();
            let dtype = ty.dtype;
            types.push(Some(ty));
            if let Some(arg) = cx.constant(i).and_then(literal) {
                operands.push(Some(Operand { arg, dtype }));
                continue;
            }
            let source = cx.source(i)?;
            operands.push(Some(b.input(source.elem(dtype)?, dtype)));
            sources.push(source);
        }
        let result = self.emit(&operands, &self.types(&types)?, &mut b)?;
        scalar::finish(cx, b, result, &sources)
    }
}
