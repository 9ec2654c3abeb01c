//! [NegativeLogLikelihoodLoss](https://onnx.ai/onnx/operators/onnx__NegativeLogLikelihoodLoss.html) and
//! [SoftmaxCrossEntropyLoss](https://onnx.ai/onnx/operators/onnx__SoftmaxCrossEntropyLoss.html), which takes the log-softmax first.
//!
//! | | shape |
//! |---|---|
//! | input | `[N, C, D1, ...]` |
//! | target | `[N, D1, ...]` int32 or int64 |
//! | weight (optional) | `[C]` |
//! | loss | target's without reduction, else a scalar |
//! | log_prob (SoftmaxCrossEntropyLoss, optional) | input's |

#[allow(missing_docs, reason = "one function")]
pub mod cases;

mod reference;

use ocelli_tensor::Tensor;
use ocelli_tensor::DType;

use super::numeric::{FLOATS, expect_shape};

use crate::{InferCx, OpError, Operator, TensorType, operator::Outputs};

/// Which loss.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "named as in the standard")]
pub enum LossKind {
    NegativeLogLikelihood,
    SoftmaxCrossEntropy,
}

/// How losses are put together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reduction {
    /// Not at all.
    None,
    /// Their sum divided by that of the weights.
    #[default]
    Mean,
    /// Their sum.
    Sum,
}

/// A loss.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Loss {
    /// Which loss.
    pub kind: LossKind,
    /// Targets of this value count nothing.
    pub ignore_index: Option<i64>,
    /// How losses are put together.
    pub reduction: Reduction,
}

impl Operator for Loss {
    fn name(&self) -> &'static str {
        match self.kind {
            LossKind::NegativeLogLikelihood => "NegativeLogLikelihoodLoss",
            LossKind::SoftmaxCrossEntropy => "SoftmaxCrossEntropyLoss",
        }
    }

    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, OpError> {
        cx.expect_dtype(0, &FLOATS)?;
        cx.expect_dtype(1, &[DType::I64, DType::I32])?;
        let (x, target) = (cx.input(0)?, cx.input(1)?);
        if x.rank() < 2 {
            return Err(OpError::invalid(format!("expected [N, C, ...], got {x}")));
        }
        let mut expected = x.shape.clone();
        let classes = expected.remove(1);
        expect_shape("target", target, &expected)?;
        if let Some(weight) = cx.optional(2) {
            expect_shape("weight", weight, &[classes])?;
        }
        let loss = if self.reduction == Reduction::None { expected } else { Vec::new() };
        let mut all = vec![TensorType::new(x.dtype, loss)];
        if self.kind == LossKind::SoftmaxCrossEntropy {
            all.push(x.clone());
        }
        Ok(all)
    }

    fn evaluate(&self, inputs: &[Option<Tensor>], _outputs: usize) -> Outputs {
        reference::evaluate(self, inputs)
    }
}
