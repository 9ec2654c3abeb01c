//! [MatMul](https://onnx.ai/onnx/operators/onnx__MatMul.html): the matrix product as NumPy's `matmul` defines it.
//!
//! `Y[..., i, j] = sum over k of A[..., i, k] * B[..., k, j]`; leading dimensions broadcast. A vector on the left is a row,
//! one on the right a column, and its dimension of 1 is dropped from the result.
//!
//! | | shape |
//! |---|---|
//! | A | `[..., M, K]` or `[K]` |
//! | B | `[..., K, N]` or `[K]` |
//! | Y | `[broadcast of ..., M, N]` |

#[allow(missing_docs, reason = "one function")]
pub mod cases;

mod lower;
mod reference;

pub(crate) use reference::multiply;

use ocelli_tensor::Tensor;
use ocelli_tensor::broadcast_shapes;

use super::bounds::bounded;
use super::numeric::NUMBERS;

use crate::plan::LowerCx;
use crate::{InferCx, OpError, Operator, TensorType, operator::Outputs};

/// The matrix product. It has no attributes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MatMul;

/// The dimensions of a matrix product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Dims {
    /// Broadcast leading dimensions.
    pub batch: Vec<usize>,
    /// Rows of A and Y.
    pub m: usize,
    /// Columns of A, rows of B.
    pub k: usize,
    /// Columns of B and Y.
    pub n: usize,
    /// Shape of A with a vector made a row.
    pub a: Vec<usize>,
    /// Shape of B with a vector made a column.
    pub b: Vec<usize>,
    /// Shape of Y.
    pub y: Vec<usize>,
}

impl Dims {
    /// The dimensions of the product of tensors of these shapes.
    pub fn new(a: &[usize], b: &[usize]) -> Result<Dims, OpError> {
        let bad = || OpError::invalid(format!("matrices {a:?} and {b:?} cannot be multiplied"));
        if a.is_empty() || b.is_empty() {
            return Err(bad());
        }
        let wide_a = if a.len() == 1 { vec![1, a[0]] } else { a.to_vec() };
        let wide_b = if b.len() == 1 { vec![b[0], 1] } else { b.to_vec() };
        let (a_batch, a_last) = wide_a.split_at(wide_a.len() - 2);
        let (b_batch, b_last) = wide_b.split_at(wide_b.len() - 2);
        let batch = broadcast_shapes(a_batch, b_batch).ok_or_else(bad)?;
        if a_last[1] != b_last[0] {
            return Err(bad());
        }
        let (m, k, n) = (a_last[0], a_last[1], b_last[1]);
        let mut y = batch.clone();
        if a.len() > 1 {
            y.push(m);
        }
        if b.len() > 1 {
            y.push(n);
        }
        Ok(Dims { batch, m, k, n, a: wide_a, b: wide_b, y })
    }
}

impl Operator for MatMul {
    fn name(&self) -> &'static str {
        "MatMul"
    }

    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, OpError> {
        cx.expect_dtype(0, &NUMBERS)?;
        let (a, b) = (cx.input(0)?, cx.input(1)?);
        cx.expect_dtype(1, &[a.dtype])?;
        Ok(vec![bounded(a.dtype, Dims::new(&a.shape, &b.shape)?.y)?])
    }

    fn evaluate(&self, inputs: &[Option<Tensor>], _outputs: usize) -> Outputs {
        reference::evaluate(self, inputs)
    }

    fn lower(&self, cx: &mut LowerCx<'_>) -> Result<(), OpError> {
        lower::lower(self, cx)
    }
}
