//! [TopK](https://onnx.ai/onnx/operators/onnx__TopK.html): the `k` largest or smallest elements along an axis.
//!
//! | | shape |
//! |---|---|
//! | X | any, with D along the axis |
//! | K | `[1]` int64, at most D |
//! | Values, Indices (int64) | X with k along the axis |
//!
//! Of equal elements the one with the lower index comes first. Unsorted results are sorted all the same. A NaN counts as
//! larger than every number.

#[allow(missing_docs, reason = "one function")]
pub mod cases;

mod reference;

use ocelli_tensor::Tensor;
use ocelli_tensor::DType;

use super::bounds::bounded;
use super::numeric::NUMBERS;

use crate::{InferCx, OpError, Operator, TensorType, operator::Outputs};

/// Attributes of TopK.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TopK {
    /// The axis; -1 is the default of the standard.
    pub axis: i64,
    /// Largest instead of smallest; true is the default.
    pub largest: bool,
    /// Whether the results must be sorted; true is the default.
    pub sorted: bool,
}

impl Operator for TopK {
    fn name(&self) -> &'static str {
        "TopK"
    }

    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, OpError> {
        cx.expect_dtype(0, &NUMBERS)?;
        let x = cx.input(0)?;
        let axis = InferCx::axis(self.axis, x.rank())?;
        let k = cx.constant(1)?.to_i64s();
        let fits = |k: i64| usize::try_from(k).ok().filter(|&k| k <= x.shape.get(axis).copied().unwrap_or(0));
        let Some(k) = k.first().and_then(|&k| fits(k)) else {
            return Err(OpError::invalid(format!("k {k:?} does not fit axis {axis} of {x}")));
        };
        let mut shape = x.shape.clone();
        shape[axis] = k;
        Ok(vec![bounded(x.dtype, shape.clone())?, bounded(DType::I64, shape)?])
    }

    fn evaluate(&self, inputs: &[Option<Tensor>], _outputs: usize) -> Outputs {
        reference::evaluate(self, inputs)
    }
}
