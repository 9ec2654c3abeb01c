//! [GroupNormalization](https://onnx.ai/onnx/operators/onnx__GroupNormalization.html):
//! `Y = scale * (X - mean) / sqrt(var + epsilon) + bias` with mean and (population) variance of each group of C / num_groups
//! channels of each image.
//!
//! | | shape |
//! |---|---|
//! | X, Y | `[N, C, D1, ...]` |
//! | scale, bias | `[C]`, or one per group: `[num_groups]`, as operator set 18 had it |

#[allow(missing_docs, reason = "one function")]
pub mod cases;

mod lower;
mod reference;

use ocelli_tensor::Tensor;
use ocelli_tensor::DType;

use super::numeric::FLOATS;

use crate::plan::LowerCx;
use crate::{InferCx, OpError, Operator, TensorType, operator::Outputs};

/// Attributes of GroupNormalization.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GroupNormalization {
    /// Added to the variance; 1e-5 is the default of the standard.
    pub epsilon: f32,
    /// Number of groups, which divides C.
    pub num_groups: usize,
    /// Type in which mean and variance are computed (`stash_type`); f32 by default.
    pub stash_type: DType,
}

impl Operator for GroupNormalization {
    fn name(&self) -> &'static str {
        "GroupNormalization"
    }

    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, OpError> {
        cx.expect_dtype(0, &FLOATS)?;
        let x = cx.input(0)?;
        if x.rank() < 2 {
            return Err(OpError::invalid(format!("input 0: expected [N, C, ...], got {x}")));
        }
        let (channels, groups) = (x.shape[1], self.num_groups);
        if groups == 0 || channels % groups != 0 {
            return Err(OpError::invalid(format!("{channels} channels do not make {groups} groups")));
        }
        for (i, what) in ["scale", "bias"].into_iter().enumerate() {
            cx.expect_dtype(i + 1, &FLOATS)?;
            let got = cx.input(i + 1)?;
            if got.shape != [channels] && got.shape != [groups] {
                return Err(OpError::invalid(format!("{what}: expected [{channels}], got {got}")));
            }
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
