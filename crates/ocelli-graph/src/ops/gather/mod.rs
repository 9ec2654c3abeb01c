//! Elements of `data` picked by indices, negative ones counted from the back:
//! [Gather](https://onnx.ai/onnx/operators/onnx__Gather.html),
//! [GatherElements](https://onnx.ai/onnx/operators/onnx__GatherElements.html),
//! [GatherND](https://onnx.ai/onnx/operators/onnx__GatherND.html).
//!
//! | kind | indices | output |
//! |---|---|---|
//! | Gather | `[i...]` | `data` with dimension `axis` replaced by `[i...]` |
//! | GatherElements | rank of `data` | shape of `indices`: `data[.., indices[at], ..]` |
//! | GatherND | `[b0, ..., i..., k]` | `[b0, ..., i...] + data.shape[batch_dims + k..]` |

#[allow(missing_docs, reason = "one function")]
pub mod cases;
mod lower;
mod reference;

pub(crate) use lower::{check, elements, indices, tuple};
use ocelli_tensor::{DType, Tensor};

use super::bounds::bounded;
use crate::plan::LowerCx;
use crate::{InferCx, OpError, Operator, TensorType, operator::Outputs};

/// Which operator of the family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GatherKind {
    /// Gather.
    Gather {
        /// Dimension that is indexed.
        axis: i64,
    },
    /// GatherElements.
    Elements {
        /// Dimension that is indexed.
        axis: i64,
    },
    /// GatherND.
    Nd {
        /// Leading dimensions that `data` and `indices` share.
        batch_dims: usize,
    },
}

/// Elements picked by indices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gather {
    /// Which operator.
    pub kind: GatherKind,
}

impl Operator for Gather {
    fn name(&self) -> &'static str {
        match self.kind {
            GatherKind::Gather { .. } => "Gather",
            GatherKind::Elements { .. } => "GatherElements",
            GatherKind::Nd { .. } => "GatherND",
        }
    }

    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, OpError> {
        cx.expect_dtype(1, &[DType::I64, DType::I32])?;
        let (x, indices) = (cx.input(0)?, cx.input(1)?);
        let fail = || OpError::invalid(format!("indices {indices} do not fit data {x}"));
        let shape = match self.kind {
            GatherKind::Gather { axis } => {
                if x.rank() == 0 {
                    return Err(fail());
                }
                let axis = InferCx::axis(axis, x.rank())?;
                [&x.shape[..axis], &indices.shape, &x.shape[axis + 1..]].concat()
            }
            GatherKind::Elements { axis } => {
                let axis = InferCx::axis(axis, x.rank())?;
                let fits = |d: usize| d == axis || indices.shape[d] <= x.shape[d];
                if x.rank() == 0 || indices.rank() != x.rank() || !(0..x.rank()).all(fits) {
                    return Err(fail());
                }
                indices.shape.clone()
            }
            GatherKind::Nd { batch_dims } => {
                let (Some(&k), last) = (indices.shape.last(), indices.rank().saturating_sub(1)) else {
                    return Err(fail());
                };
                if batch_dims > last
                    || k > x.rank().saturating_sub(batch_dims)
                    || k == 0
                    || x.shape.get(..batch_dims) != indices.shape.get(..batch_dims)
                {
                    return Err(fail());
                }
                [&indices.shape[..last], &x.shape[batch_dims + k..]].concat()
            }
        };
        Ok(vec![bounded(x.dtype, shape)?])
    }

    fn evaluate(&self, inputs: &[Option<Tensor>], _outputs: usize) -> Outputs {
        reference::evaluate(self, inputs)
    }

    fn lower(&self, cx: &mut LowerCx<'_>) -> Result<(), OpError> {
        lower::lower(self, cx)
    }
}
