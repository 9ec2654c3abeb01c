//! [Concat](https://onnx.ai/onnx/operators/onnx__Concat.html): inputs of one dtype behind one another along `axis`.
//!
//! | | shape |
//! |---|---|
//! | inputs | equal but for `axis` |
//! | concat_result | the same, with the sum of the sizes along `axis` |

#[allow(missing_docs, reason = "one function")]
pub mod cases;
mod lower;
mod reference;

use ocelli_tensor::Tensor;

use super::bounds::bounded;
use crate::plan::LowerCx;
use crate::{InferCx, OpError, Operator, TensorType, operator::Outputs};

/// Attributes of Concat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Concat {
    /// Which dimension grows; negative ones count from the back.
    pub axis: i64,
}

impl Operator for Concat {
    fn name(&self) -> &'static str {
        "Concat"
    }

    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, OpError> {
        let first = cx.input(0)?;
        if first.rank() == 0 {
            return Err(OpError::invalid("a scalar cannot be concatenated"));
        }
        let axis = InferCx::axis(self.axis, first.rank())?;
        let mut shape = first.shape.clone();
        for i in 1..cx.inputs.len() {
            let ty = cx.input(i)?;
            let fits = ty.dtype == first.dtype
                && ty.rank() == first.rank()
                && (0..ty.rank()).all(|d| d == axis || ty.shape[d] == first.shape[d]);
            if !fits {
                return Err(OpError::invalid(format!("input {i} is {ty}, which does not fit {first} along axis {axis}")));
            }
            shape[axis] = shape[axis].saturating_add(ty.shape[axis]);
        }
        Ok(vec![bounded(first.dtype, shape)?])
    }

    fn evaluate(&self, inputs: &[Option<Tensor>], _outputs: usize) -> Outputs {
        reference::evaluate(self, inputs)
    }

    fn lower(&self, cx: &mut LowerCx<'_>) -> Result<(), OpError> {
        lower::lower(self, cx)
    }
}
