//! [Einsum](https://onnx.ai/onnx/operators/onnx__Einsum.html): sums of products written with one letter per dimension, such as
//! `bij,bjk->bik`. Letters that repeat within an operand take its diagonal; letters that the output lacks are summed; `...`
//! stands for dimensions that broadcast. Without `->` the output is `...` and the letters that occur once, in alphabetical
//! order.

#[allow(missing_docs, reason = "one function")]
pub mod cases;

mod equation;
mod lower;
mod reference;

pub(crate) use equation::Contraction;

use ocelli_tensor::Tensor;

use super::bounds::bounded;
use super::numeric::NUMBERS;

use crate::plan::LowerCx;
use crate::{InferCx, OpError, Operator, TensorType, operator::Outputs};

/// Attributes of Einsum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Einsum {
    /// The equation.
    pub equation: String,
}

impl Operator for Einsum {
    fn name(&self) -> &'static str {
        "Einsum"
    }

    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, OpError> {
        cx.expect_dtype(0, &NUMBERS)?;
        let types = (0..cx.inputs.len()).map(|i| cx.input(i)).collect::<Result<Vec<_>, _>>()?;
        let dtype = cx.input(0)?.dtype;
        for i in 1..types.len() {
            cx.expect_dtype(i, &[dtype])?;
        }
        let shapes: Vec<&[usize]> = types.iter().map(|t| &t.shape[..]).collect();
        let contraction = Contraction::new(&self.equation, &shapes)?;
        Ok(vec![bounded(dtype, contraction.output_shape())?])
    }

    fn evaluate(&self, inputs: &[Option<Tensor>], _outputs: usize) -> Outputs {
        reference::evaluate(self, inputs)
    }

    fn lower(&self, cx: &mut LowerCx<'_>) -> Result<(), OpError> {
        lower::lower(self, cx)
    }
}
