//! [Clip](https://onnx.ai/onnx/operators/onnx__Clip.html): `Y = min(max(X, low), high)`; without a bound there is none.
//! When `low > high`, every element is `high`. NaN stays NaN.
//!
//! | | shape | dtype |
//! |---|---|---|
//! | X | any | any number |
//! | min, max | scalar, optional | that of X |
//! | Y | that of X | that of X |

#[allow(missing_docs, reason = "one function")]
pub mod cases;
mod lower;
mod reference;

use ocelli_tensor::{DType, Tensor};

use crate::plan::LowerCx;
use crate::{InferCx, OpError, Operator, TensorType, operator::Outputs};

/// Clip has no attributes; its bounds are inputs 1 and 2.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Clip;

impl Operator for Clip {
    fn name(&self) -> &'static str {
        "Clip"
    }

    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, OpError> {
        let x = cx.input(0)?;
        if x.dtype == DType::Bool {
            return Err(OpError::invalid("input 0: expected numbers, got bool"));
        }
        for (i, name) in [(1, "min"), (2, "max")] {
            if let Some(bound) = cx.optional(i) {
                if bound.dtype != x.dtype || bound.elems() != 1 {
                    return Err(OpError::invalid(format!("{name}: expected a scalar of {}, got {bound}", x.dtype)));
                }
            }
        }
        Ok(vec![super::bounds::bounded(x.dtype, x.shape.clone())?])
    }

    fn evaluate(&self, inputs: &[Option<Tensor>], _outputs: usize) -> Outputs {
        reference::evaluate(inputs)
    }

    fn lower(&self, cx: &mut LowerCx<'_>) -> Result<(), OpError> {
        lower::lower(cx)
    }
}
