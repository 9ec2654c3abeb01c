//! [Transpose](https://onnx.ai/onnx/operators/onnx__Transpose.html): dimension `i` of the output is `perm[i]` of the input.
//!
//! | | shape |
//! |---|---|
//! | data | `[d0, ..., dr]` |
//! | transposed | `[d_perm0, ..., d_permr]` |

#[allow(missing_docs, reason = "one function")]
pub mod cases;

use ocelli_tensor::Tensor;

use super::movement::{offset, pick};
use super::util::required;
use crate::plan::LowerCx;
use crate::{InferCx, OpError, Operator, TensorType, operator::Outputs};

/// Attributes of Transpose.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Transpose {
    /// A permutation of the dimensions; `None` reverses them.
    pub perm: Option<Vec<i64>>,
}

impl Transpose {
    /// The permutation that undoes this one; `None` when it is no permutation of `rank` dimensions.
    pub(crate) fn inverse(&self, rank: usize) -> Option<Vec<usize>> {
        let perm = self.resolved(rank).ok()?;
        Some((0..rank).filter_map(|i| perm.iter().position(|&p| p == i)).collect())
    }

    pub(crate) fn resolved(&self, rank: usize) -> Result<Vec<usize>, OpError> {
        let Some(perm) = &self.perm else {
            return Ok((0..rank).rev().collect());
        };
        if perm.len() != rank {
            return Err(OpError::invalid(format!("perm {perm:?} is no permutation of {rank} dimensions")));
        }
        super::movement::axes(perm, rank)
    }
}

impl Operator for Transpose {
    fn name(&self) -> &'static str {
        "Transpose"
    }

    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, OpError> {
        let x = cx.input(0)?;
        let perm = self.resolved(x.rank())?;
        Ok(vec![TensorType::new(x.dtype, perm.iter().map(|&p| x.shape[p]).collect::<Vec<_>>())])
    }

    fn evaluate(&self, inputs: &[Option<Tensor>], _outputs: usize) -> Outputs {
        let x = required(inputs, 0)?;
        let perm = self.resolved(x.rank())?;
        let shape: Vec<usize> = perm.iter().map(|&p| x.shape()[p]).collect();
        let out = pick(x, &shape, &[], |at| {
            let mut from = vec![0; at.len()];
            for (&p, &i) in perm.iter().zip(at) {
                from[p] = i;
            }
            Some(offset(&from, x.shape()))
        })?;
        Ok(vec![out])
    }

    /// A view.
    fn lower(&self, cx: &mut LowerCx<'_>) -> Result<(), OpError> {
        let x = cx.input(0)?;
        cx.set_output(0, x.transpose(&self.resolved(x.shape.len())?));
        Ok(())
    }
}
