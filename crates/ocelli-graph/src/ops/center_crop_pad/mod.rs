//! [CenterCropPad](https://onnx.ai/onnx/operators/onnx__CenterCropPad.html): the middle of some dimensions, or zeros on
//! both sides of them. An odd element is dropped or added at the end.
//!
//! | | shape |
//! |---|---|
//! | input_data | `[d0, ..., dr]` |
//! | shape | `[k]`: wanted sizes of `axes` |
//! | output_data | `input_data` with those sizes |

#[allow(missing_docs, reason = "one function")]
pub mod cases;
mod lower;

use ocelli_tensor::Tensor;

use super::bounds::bounded;
use super::movement::{axes, dimension, offset, pick};
use super::pad::{Axis, PadMode};
use super::util::required;
use crate::plan::LowerCx;
use crate::{InferCx, OpError, Operator, TensorType, operator::Outputs};

/// Attributes of CenterCropPad.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CenterCropPad {
    /// Which dimensions `shape` speaks of; `None` is all.
    pub axes: Option<Vec<i64>>,
}

impl CenterCropPad {
    /// The crops and pads of an input of `shape`.
    pub(crate) fn resolved(&self, shape: &[usize], wanted: &[i64]) -> Result<Vec<Axis>, OpError> {
        let axes = match &self.axes {
            Some(a) => axes(a, shape.len())?,
            None => (0..shape.len()).collect(),
        };
        if wanted.len() != axes.len() {
            return Err(OpError::invalid(format!("{} sizes for {} axes", wanted.len(), axes.len())));
        }
        let mut all: Vec<Axis> = shape.iter().map(|&d| Axis { crop: 0, len: d, begin: 0, out: d }).collect();
        for (&axis, &out) in axes.iter().zip(wanted) {
            let (d, out) = (shape[axis], dimension(out)?);
            all[axis] = Axis { crop: d.saturating_sub(out) / 2, len: d.min(out), begin: out.saturating_sub(d) / 2, out };
        }
        Ok(all)
    }
}

impl Operator for CenterCropPad {
    fn name(&self) -> &'static str {
        "CenterCropPad"
    }

    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, OpError> {
        let x = cx.input(0)?;
        let axes = self.resolved(&x.shape, &cx.constant(1)?.to_i64s())?;
        Ok(vec![bounded(x.dtype, axes.iter().map(|a| a.out).collect::<Vec<_>>())?])
    }

    fn evaluate(&self, inputs: &[Option<Tensor>], _outputs: usize) -> Outputs {
        let x = required(inputs, 0)?;
        let axes = self.resolved(x.shape(), &required(inputs, 1)?.to_i64s())?;
        let shape: Vec<usize> = axes.iter().map(|a| a.out).collect();
        let out = pick(x, &shape, &[], |at| {
            let from: Option<Vec<usize>> = at.iter().zip(&axes).map(|(&i, a)| a.source(i, PadMode::Constant)).collect();
            from.map(|from| offset(&from, x.shape()))
        })?;
        Ok(vec![out])
    }

    fn lower(&self, cx: &mut LowerCx<'_>) -> Result<(), OpError> {
        lower::lower(self, cx)
    }
}
