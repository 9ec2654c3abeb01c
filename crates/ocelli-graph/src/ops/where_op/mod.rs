//! [Where](https://onnx.ai/onnx/operators/onnx__Where.html): `Y = condition ? A : B`, with broadcasting.
//!
//! | | shape | dtype |
//! |---|---|---|
//! | condition | broadcasts | bool |
//! | A, B | broadcast | any, the same |
//! | Y | the broadcast shape | that of A |

#[allow(missing_docs, reason = "one function")]
pub mod cases;
mod lower;
mod reference;

use ocelli_tensor::{DType, Tensor};

use super::bounds::bounded;
use super::numbers::broadcast_all;
use crate::plan::LowerCx;
use crate::{InferCx, OpError, Operator, TensorType, operator::Outputs};

/// Where has no attributes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Where;

impl Operator for Where {
    fn name(&self) -> &'static str {
        "Where"
    }

    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, OpError> {
        cx.expect_dtype(0, &[DType::Bool])?;
        let (c, a, b) = (cx.input(0)?, cx.input(1)?, cx.input(2)?);
        if a.dtype != b.dtype {
            return Err(OpError::invalid(format!("expected inputs 1 and 2 of one type, got {} and {}", a.dtype, b.dtype)));
        }
        let shape = broadcast_all([c.shape.as_slice(), &a.shape, &b.shape].into_iter())?;
        Ok(vec![bounded(a.dtype, shape)?])
    }

    fn evaluate(&self, inputs: &[Option<Tensor>], _outputs: usize) -> Outputs {
        reference::evaluate(inputs)
    }

    fn lower(&self, cx: &mut LowerCx<'_>) -> Result<(), OpError> {
        lower::lower(cx)
    }
}
