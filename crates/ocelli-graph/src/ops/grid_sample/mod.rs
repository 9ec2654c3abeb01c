//! [GridSample](https://onnx.ai/onnx/operators/onnx__GridSample.html): the input at the positions of a grid.
//!
//! Positions run from -1 to 1, innermost dimension first: `(x, y)` or `(x, y, z)`.
//!
//! | | shape |
//! |---|---|
//! | X | `[N, C, D1, ..., Dr]` |
//! | grid | `[N, O1, ..., Or, r]` |
//! | Y | `[N, C, O1, ..., Or]` |

#[allow(missing_docs, reason = "one function")]
pub mod cases;
mod lower;
mod reference;

use ocelli_tensor::{DType, Tensor};

use super::bounds::bounded;
use crate::plan::LowerCx;
use crate::{InferCx, OpError, Operator, TensorType, operator::Outputs};

/// How neighbours are combined.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SampleMode {
    /// The nearest element, halves to even.
    Nearest,
    /// The two neighbours along each axis (bilinear).
    #[default]
    Linear,
    /// Four neighbours along each axis (bicubic, coefficient -0.75).
    Cubic,
}

/// What lies outside of the input.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SamplePadding {
    /// Zeros.
    #[default]
    Zeros,
    /// The edge.
    Border,
    /// The mirror image: at the middle of the edge with `align_corners`, else at its outer side.
    Reflection,
}

/// Attributes of GridSample.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GridSample {
    /// How neighbours are combined.
    pub mode: SampleMode,
    /// What lies outside of the input.
    pub padding_mode: SamplePadding,
    /// Whether -1 and 1 are the middles of the outermost elements, else their outer sides.
    pub align_corners: bool,
}

impl Operator for GridSample {
    fn name(&self) -> &'static str {
        "GridSample"
    }

    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, OpError> {
        cx.expect_dtype(1, &[DType::F32, DType::F16, DType::BF16, DType::F64])?;
        let (x, grid) = (cx.input(0)?, cx.input(1)?);
        let rank = x.rank();
        let fits = rank >= 3 && grid.rank() == rank && grid.shape[0] == x.shape[0] && grid.shape[rank - 1] == rank - 2;
        if !fits {
            return Err(OpError::invalid(format!("grid {grid} does not fit input {x}")));
        }
        if x.shape[2..].contains(&0) && grid.elems() > 0 {
            return Err(OpError::invalid(format!("nothing to sample in {x}")));
        }
        Ok(vec![bounded(x.dtype, [&x.shape[..2], &grid.shape[1..rank - 1]].concat())?])
    }

    fn evaluate(&self, inputs: &[Option<Tensor>], _outputs: usize) -> Outputs {
        reference::evaluate(self, inputs)
    }

    fn lower(&self, cx: &mut LowerCx<'_>) -> Result<(), OpError> {
        lower::lower(self, cx)
    }
}
