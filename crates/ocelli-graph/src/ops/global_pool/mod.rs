//! Pooling of each whole channel: [GlobalAveragePool](https://onnx.ai/onnx/operators/onnx__GlobalAveragePool.html),
//! [GlobalMaxPool](https://onnx.ai/onnx/operators/onnx__GlobalMaxPool.html) and
//! [GlobalLpPool](https://onnx.ai/onnx/operators/onnx__GlobalLpPool.html).
//!
//! | | shape |
//! |---|---|
//! | X | `[N, C, D1, ..., Dn]` |
//! | Y | `[N, C, 1, ..., 1]` |

#[allow(missing_docs, reason = "one function")]
pub mod cases;
mod lower;
mod reference;

use ocelli_tensor::{DType, Tensor};

use crate::plan::LowerCx;
use crate::{InferCx, OpError, Operator, TensorType, operator::Outputs};

/// What a channel is reduced to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum GlobalPoolKind {
    /// The mean.
    Average,
    /// The largest element.
    Max,
    /// `(sum of |x|^p)^(1/p)`
    Lp {
        /// Order of the norm.
        p: f32,
    },
}

/// Pooling of each whole channel.
#[derive(Clone, Debug, PartialEq)]
pub struct GlobalPool {
    /// What is computed.
    pub kind: GlobalPoolKind,
}

impl Operator for GlobalPool {
    fn name(&self) -> &'static str {
        match self.kind {
            GlobalPoolKind::Average => "GlobalAveragePool",
            GlobalPoolKind::Max => "GlobalMaxPool",
            GlobalPoolKind::Lp { .. } => "GlobalLpPool",
        }
    }

    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, OpError> {
        cx.expect_dtype(0, &[DType::F32, DType::F16, DType::BF16, DType::F64])?;
        let x = cx.input(0)?;
        if x.rank() < 2 {
            return Err(OpError::invalid(format!("expected an input of rank 2 or more, got {x}")));
        }
        if let GlobalPoolKind::Lp { p } = self.kind {
            if !(p > 0.0 && p.is_finite()) {
                return Err(OpError::invalid(format!("p is {p}, expected a positive number")));
            }
        }
        let mut shape = x.shape.clone();
        shape[2..].fill(1);
        Ok(vec![TensorType::new(x.dtype, shape)])
    }

    fn evaluate(&self, inputs: &[Option<Tensor>], _outputs: usize) -> Outputs {
        reference::evaluate(self, inputs)
    }

    fn lower(&self, cx: &mut LowerCx<'_>) -> Result<(), OpError> {
        lower::lower(self, cx)
    }
}
