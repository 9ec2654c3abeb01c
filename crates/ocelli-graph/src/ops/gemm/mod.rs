//! [Gemm](https://onnx.ai/onnx/operators/onnx__Gemm.html): `Y = alpha * A' * B' + beta * C`, where A' and B' are transposed on request.
//!
//! | | shape |
//! |---|---|
//! | A | `[M, K]`, or `[K, M]` when transposed |
//! | B | `[K, N]`, or `[N, K]` when transposed |
//! | C | broadcasts to `[M, N]`, optional |
//! | Y | `[M, N]` |

#[allow(missing_docs, reason = "one function")]
pub mod cases;

mod lower;
mod reference;

use ocelli_tensor::Tensor;
use ocelli_tensor::broadcast_shapes;

use super::bounds::bounded;
use super::numeric::NUMBERS;

use crate::plan::LowerCx;
use crate::{InferCx, OpError, Operator, TensorType, operator::Outputs};

/// Attributes of Gemm.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gemm {
    /// Factor of the product.
    pub alpha: f32,
    /// Factor of C.
    pub beta: f32,
    /// Whether A is given as `[K, M]`.
    pub trans_a: bool,
    /// Whether B is given as `[N, K]`.
    pub trans_b: bool,
}

impl Default for Gemm {
    fn default() -> Gemm {
        Gemm { alpha: 1.0, beta: 1.0, trans_a: false, trans_b: false }
    }
}

impl Gemm {
    /// `(M, K, N)` of matrices of these shapes.
    fn dims(&self, a: &[usize], b: &[usize]) -> Result<(usize, usize, usize), OpError> {
        let (&[a0, a1], &[b0, b1]) = (a, b) else {
            return Err(OpError::invalid(format!("expected two matrices, got {a:?} and {b:?}")));
        };
        let (m, k) = if self.trans_a { (a1, a0) } else { (a0, a1) };
        let (k_b, n) = if self.trans_b { (b1, b0) } else { (b0, b1) };
        if k != k_b {
            return Err(OpError::invalid(format!("{k} columns of A meet {k_b} rows of B")));
        }
        Ok((m, k, n))
    }
}

impl Operator for Gemm {
    fn name(&self) -> &'static str {
        "Gemm"
    }

    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, OpError> {
        cx.expect_dtype(0, &NUMBERS)?;
        let (a, b) = (cx.input(0)?, cx.input(1)?);
        cx.expect_dtype(1, &[a.dtype])?;
        let (m, _, n) = self.dims(&a.shape, &b.shape)?;
        if let Some(c) = cx.optional(2) {
            cx.expect_dtype(2, &[a.dtype])?;
            if broadcast_shapes(&c.shape, &[m, n]).as_deref() != Some(&[m, n]) {
                return Err(OpError::invalid(format!("C {c} does not broadcast to {m}x{n}")));
            }
        }
        Ok(vec![bounded(a.dtype, [m, n])?])
    }

    fn evaluate(&self, inputs: &[Option<Tensor>], _outputs: usize) -> Outputs {
        reference::evaluate(self, inputs)
    }

    fn lower(&self, cx: &mut LowerCx<'_>) -> Result<(), OpError> {
        lower::lower(self, cx)
    }
}
