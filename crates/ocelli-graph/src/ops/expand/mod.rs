//! [Expand](https://onnx.ai/onnx/operators/onnx__Expand.html): broadcast to a shape, in which a 1 keeps the input's size.
//!
//! | | shape |
//! |---|---|
//! | input | `[d0, ..., dr]` |
//! | shape | `[k]` |
//! | output | the broadcast of both |

#[allow(missing_docs, reason = "one function")]
pub mod cases;

use ocelli_tensor::{Tensor, broadcast_shapes};

use super::bounds::bounded;
use super::movement::{dimension, output_type, pick};
use super::util::{broadcast_offset, required};
use crate::plan::LowerCx;
use crate::{InferCx, OpError, Operator, TensorType, operator::Outputs};

/// Expand has no attributes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expand;

impl Operator for Expand {
    fn name(&self) -> &'static str {
        "Expand"
    }

    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, OpError> {
        let x = cx.input(0)?;
        let wanted = cx.constant(1)?.to_i64s().into_iter().map(dimension).collect::<Result<Vec<_>, _>>()?;
        let shape = broadcast_shapes(&x.shape, &wanted)
            .ok_or_else(|| OpError::invalid(format!("{x} does not broadcast to {wanted:?}")))?;
        Ok(vec![bounded(x.dtype, shape)?])
    }

    fn evaluate(&self, inputs: &[Option<Tensor>], _outputs: usize) -> Outputs {
        let (x, ty) = (required(inputs, 0)?, output_type(self, inputs)?);
        Ok(vec![pick(x, &ty.shape, &[], |at| Some(broadcast_offset(at, x.shape())))?])
    }

    /// A view with strides of 0.
    fn lower(&self, cx: &mut LowerCx<'_>) -> Result<(), OpError> {
        let view = cx.input(0)?.broadcast(&cx.output_type(0)?.shape);
        cx.set_output(0, view);
        Ok(())
    }
}
