//! [Det](https://onnx.ai/onnx/operators/onnx__Det.html): determinants. X is `[..., M, M]`, Y is `[...]`.

#[allow(missing_docs, reason = "one function")]
pub mod cases;

mod reference;

use ocelli_tensor::Tensor;

use super::numeric::FLOATS;

use crate::{InferCx, OpError, Operator, TensorType, operator::Outputs};

/// Det has no attributes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Det;

impl Operator for Det {
    fn name(&self) -> &'static str {
        "Det"
    }

    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, OpError> {
        cx.expect_dtype(0, &FLOATS)?;
        let x = cx.input(0)?;
        match &x.shape[..] {
            [batch @ .., rows, columns] if rows == columns => Ok(vec![TensorType::new(x.dtype, batch)]),
            _ => Err(OpError::invalid(format!("expected square matrices, got {x}"))),
        }
    }

    fn evaluate(&self, inputs: &[Option<Tensor>], _outputs: usize) -> Outputs {
        reference::evaluate(self, inputs)
    }
}
