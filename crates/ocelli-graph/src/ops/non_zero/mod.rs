//! [NonZero](https://onnx.ai/onnx/operators/onnx__NonZero.html): the indices of the elements that are not zero, in row-major
//! order. X is any shape of rank r; Y is `[r, count]` int64. The count depends on the data: X must be known.

#[allow(missing_docs, reason = "one function")]
pub mod cases;

mod reference;

use ocelli_tensor::Tensor;
use ocelli_tensor::DType;

use super::bounds::bounded;
use super::numeric::needs_values;

use crate::{InferCx, OpError, Operator, TensorType, operator::Outputs};

/// NonZero has no attributes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NonZero;

impl Operator for NonZero {
    fn name(&self) -> &'static str {
        "NonZero"
    }

    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, OpError> {
        let x = cx.input(0)?;
        bounded(DType::I64, [x.rank(), x.elems()])?;
        Err(needs_values(cx))
    }

    fn evaluate(&self, inputs: &[Option<Tensor>], _outputs: usize) -> Outputs {
        reference::evaluate(self, inputs)
    }
}
