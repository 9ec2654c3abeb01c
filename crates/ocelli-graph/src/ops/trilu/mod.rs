//! [Trilu](https://onnx.ai/onnx/operators/onnx__Trilu.html): the upper (`column - row >= k`) or lower (`<= k`) triangle of
//! matrices, zeros elsewhere.
//!
//! | | shape |
//! |---|---|
//! | input | `[..., N, M]` |
//! | k | scalar, optional: 0 |
//! | output | as the input |

#[allow(missing_docs, reason = "one function")]
pub mod cases;
mod lower;

use ocelli_tensor::{DType, Tensor};

use super::movement::{offset, pick};
use super::util::{optional, required};
use crate::plan::LowerCx;
use crate::{InferCx, OpError, Operator, TensorType, operator::Outputs};

/// Attributes of Trilu.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trilu {
    /// Whether the upper triangle is kept, else the lower.
    pub upper: bool,
}

impl Trilu {
    /// Whether the element at (row, column) is kept.
    pub(crate) fn keeps(&self, row: usize, column: usize, k: i64) -> bool {
        let diagonal = column as i64 - row as i64;
        if self.upper { diagonal >= k } else { diagonal <= k }
    }
}

impl Operator for Trilu {
    fn name(&self) -> &'static str {
        "Trilu"
    }

    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, OpError> {
        let x = cx.input(0)?;
        if x.rank() < 2 {
            return Err(OpError::invalid(format!("expected matrices, got {x}")));
        }
        if let Some(k) = cx.optional(1) {
            cx.expect_dtype(1, &[DType::I64])?;
            if k.elems() != 1 {
                return Err(OpError::invalid(format!("expected a scalar k, got {k}")));
            }
        }
        Ok(vec![x.clone()])
    }

    fn evaluate(&self, inputs: &[Option<Tensor>], _outputs: usize) -> Outputs {
        let x = required(inputs, 0)?;
        let k = optional(inputs, 1).and_then(|k| k.to_i64s().first().copied()).unwrap_or(0);
        let out = pick(x, x.shape(), &[], |at| {
            let (row, column) = (at[at.len() - 2], at[at.len() - 1]);
            self.keeps(row, column, k).then(|| offset(at, x.shape()))
        })?;
        Ok(vec![out])
    }

    fn lower(&self, cx: &mut LowerCx<'_>) -> Result<(), OpError> {
        lower::lower(self, cx)
    }
}
