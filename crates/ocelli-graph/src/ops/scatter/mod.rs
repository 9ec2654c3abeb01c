//! A copy of `data` with updates at indices, negative ones counted from the back:
//! [ScatterElements](https://onnx.ai/onnx/operators/onnx__ScatterElements.html) (and its old form Scatter),
//! [ScatterND](https://onnx.ai/onnx/operators/onnx__ScatterND.html).
//!
//! | kind | indices | updates |
//! |---|---|---|
//! | ScatterElements | rank of `data` | as `indices`: `out[.., indices[at], ..] = updates[at]` |
//! | ScatterND | `[i..., k]` | `[i...] + data.shape[k..]` |

#[allow(missing_docs, reason = "one function")]
pub mod cases;
mod lower;
mod reference;

use ocelli_tensor::{DType, Tensor};

use crate::plan::LowerCx;
use crate::{InferCx, OpError, Operator, TensorType, operator::Outputs};

/// Which operator of the family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScatterKind {
    /// ScatterElements.
    Elements {
        /// Dimension that is indexed.
        axis: i64,
    },
    /// ScatterND.
    Nd,
}

/// How an update meets what is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reduction {
    /// Replaces it; of several updates of one element any may win.
    #[default]
    None,
    /// Sum.
    Add,
    /// Product.
    Mul,
    /// The larger.
    Max,
    /// The smaller.
    Min,
}

/// Updates at indices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scatter {
    /// Which operator.
    pub kind: ScatterKind,
    /// How updates are applied.
    pub reduction: Reduction,
}

impl Operator for Scatter {
    fn name(&self) -> &'static str {
        match self.kind {
            ScatterKind::Elements { .. } => "ScatterElements",
            ScatterKind::Nd => "ScatterND",
        }
    }

    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, OpError> {
        cx.expect_dtype(1, &[DType::I64, DType::I32])?;
        let (x, indices, updates) = (cx.input(0)?, cx.input(1)?, cx.input(2)?);
        let fits = match self.kind {
            ScatterKind::Elements { axis } => {
                let axis = InferCx::axis(axis, x.rank())?;
                x.rank() > 0
                    && indices.shape == updates.shape
                    && indices.rank() == x.rank()
                    && (0..x.rank()).all(|d| d == axis || indices.shape[d] <= x.shape[d])
            }
            ScatterKind::Nd => match indices.shape.split_last() {
                Some((&k, outer)) if k <= x.rank() => updates.shape == [outer, &x.shape[k..]].concat(),
                _ => false,
            },
        };
        if !fits || updates.dtype != x.dtype {
            return Err(OpError::invalid(format!("indices {indices} and updates {updates} do not fit data {x}")));
        }
        Ok(vec![x.clone()])
    }

    fn evaluate(&self, inputs: &[Option<Tensor>], _outputs: usize) -> Outputs {
        reference::evaluate(self, inputs)
    }

    fn lower(&self, cx: &mut LowerCx<'_>) -> Result<(), OpError> {
        lower::lower(self, cx)
    }
}
