//! [AffineGrid](https://onnx.ai/onnx/operators/onnx__AffineGrid.html): a sampling grid for GridSample,
//! `grid[n, ..., i] = sum over j of theta[n, i, j] * p_j + theta[n, i, r]` where `p` is the position `(x, y[, z])`.
//!
//! Positions run from -1 to 1: at the middles of the outermost elements with `align_corners`, else at their outer sides.
//!
//! | | shape |
//! |---|---|
//! | theta | `[N, r, r + 1]` |
//! | size | `[r + 2]`: `N, C, D1, ..., Dr` |
//! | grid | `[N, D1, ..., Dr, r]` |

#[allow(missing_docs, reason = "one function")]
pub mod cases;
mod lower;

use ocelli_tensor::{DType, Tensor};

use super::bounds::bounded;
use super::movement::{dimension, output_type};
use super::util::{for_each_index, required};
use crate::plan::LowerCx;
use crate::{InferCx, OpError, Operator, TensorType, operator::Outputs};

/// Attributes of AffineGrid.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AffineGrid {
    /// Whether -1 and 1 are the middles of the outermost elements, else their outer sides.
    pub align_corners: bool,
}

impl AffineGrid {
    /// Position of element `i` of `n`.
    pub(crate) fn position(&self, i: usize, n: usize) -> f64 {
        if !self.align_corners {
            return (2 * i + 1) as f64 / n as f64 - 1.0;
        }
        if n == 1 { -1.0 } else { 2.0 * i as f64 / (n - 1) as f64 - 1.0 }
    }
}

impl Operator for AffineGrid {
    fn name(&self) -> &'static str {
        "AffineGrid"
    }

    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, OpError> {
        cx.expect_dtype(0, &[DType::F32, DType::F16, DType::BF16, DType::F64])?;
        let theta = cx.input(0)?;
        let size = cx.constant(1)?.to_i64s().into_iter().map(dimension).collect::<Result<Vec<_>, _>>()?;
        let r = size.len().saturating_sub(2);
        if !(r == 2 || r == 3) || theta.shape != [size[0], r, r + 1] {
            return Err(OpError::invalid(format!("theta {theta} does not fit size {size:?}")));
        }
        let mut shape = vec![size[0]];
        shape.extend(&size[2..]);
        shape.push(r);
        Ok(vec![bounded(theta.dtype, shape)?])
    }

    fn evaluate(&self, inputs: &[Option<Tensor>], _outputs: usize) -> Outputs {
        let ty = output_type(self, inputs)?;
        let theta = required(inputs, 0)?.to_f64s();
        let r = ty.rank() - 2;
        let mut out = Vec::with_capacity(ty.elems());
        for_each_index(&ty.shape, |at| {
            let row = (at[0] * r + at[r + 1]) * (r + 1);
            // The innermost dimension is x, the first coordinate.
            let term = |j: usize| theta[row + j] * self.position(at[r - j], ty.shape[r - j]);
            out.push((0..r).map(term).sum::<f64>() + theta[row + r]);
        });
        Ok(vec![Tensor::from_f64s(ty.dtype, &ty.shape, &out)?])
    }

    fn lower(&self, cx: &mut LowerCx<'_>) -> Result<(), OpError> {
        lower::lower(self, cx)
    }
}
