//! [Split](https://onnx.ai/onnx/operators/onnx__Split.html): parts along `axis`, of the sizes in `split` or as equal as
//! may be (`ceil(size / num_outputs)`, the last one smaller).
//!
//! | | shape |
//! |---|---|
//! | input | `[..., d, ...]` |
//! | split | `[outputs]`, optional, with the sum `d` |
//! | output i | `[..., split[i], ...]` |

#[allow(missing_docs, reason = "one function")]
pub mod cases;
mod lower;
mod reference;

use ocelli_tensor::Tensor;

use crate::plan::LowerCx;
use crate::{InferCx, OpError, Operator, TensorType, operator::Outputs};

/// Attributes of Split.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Split {
    /// Which dimension is split; negative ones count from the back.
    pub axis: i64,
    /// Number of parts without the input `split`; when `None`, that of the node's outputs, which must divide the size.
    pub num_outputs: Option<usize>,
}

impl Split {
    /// Sizes of the parts of `dim` for a node of `outputs` outputs.
    pub(crate) fn sizes(&self, dim: usize, split: Option<&[i64]>, outputs: usize) -> Result<Vec<usize>, OpError> {
        if let Some(split) = split {
            let sizes: Option<Vec<usize>> = split.iter().map(|&s| usize::try_from(s).ok()).collect();
            return match sizes {
                Some(s) if s.len() == outputs && s.iter().try_fold(0usize, |a, &b| a.checked_add(b)) == Some(dim) => Ok(s),
                _ => Err(OpError::invalid(format!("split {split:?} is not {outputs} parts of {dim}"))),
            };
        }
        let n = self.num_outputs.unwrap_or(outputs);
        if n == 0 || n != outputs || (self.num_outputs.is_none() && dim % n != 0) {
            return Err(OpError::invalid(format!("{dim} cannot be split into {n} parts for {outputs} outputs")));
        }
        let size = dim.div_ceil(n);
        Ok((0..n).map(|i| dim.saturating_sub(i * size).min(size)).collect())
    }
}

impl Operator for Split {
    fn name(&self) -> &'static str {
        "Split"
    }

    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, OpError> {
        let x = cx.input(0)?;
        if x.rank() == 0 {
            return Err(OpError::invalid("a scalar cannot be split"));
        }
        let axis = InferCx::axis(self.axis, x.rank())?;
        let sizes = self.sizes(x.shape[axis], cx.optional_i64s(1)?.as_deref(), cx.outputs)?;
        Ok(sizes
            .into_iter()
            .map(|size| {
                let mut ty = x.clone();
                ty.shape[axis] = size;
                ty
            })
            .collect())
    }

    fn evaluate(&self, inputs: &[Option<Tensor>], outputs: usize) -> Outputs {
        reference::evaluate(self, inputs, outputs)
    }

    fn lower(&self, cx: &mut LowerCx<'_>) -> Result<(), OpError> {
        lower::lower(self, cx)
    }
}
