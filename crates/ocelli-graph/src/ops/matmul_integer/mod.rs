//! [MatMulInteger](https://onnx.ai/onnx/operators/onnx__MatMulInteger.html): the product of 8-bit matrices less their zero
//! points, in i32.
//!
//! | | shape |
//! |---|---|
//! | A | `[..., M, K]` u8 or i8 |
//! | B | `[..., K, N]` u8 or i8 |
//! | a_zero_point | one element, `[M]` or `[..., M, 1]`; 0 when omitted |
//! | b_zero_point | one element, `[N]` or `[..., 1, N]`; 0 when omitted |
//! | Y | `[..., M, N]` i32 |

#[allow(missing_docs, reason = "one function")]
pub mod cases;

mod reference;

pub(crate) use reference::centred;

use ocelli_tensor::Tensor;
use ocelli_tensor::{DType, broadcast_shapes};

use super::matmul::Dims;
use super::bounds::bounded;

use crate::{InferCx, OpError, Operator, TensorType, operator::Outputs};

/// MatMulInteger has no attributes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MatMulInteger;

/// The shape under which a parameter per row of A (`rows`) or per column of B broadcasts to the matrix.
pub(crate) fn parameter_shape(given: &[usize], matrix: &[usize], rows: bool) -> Result<Vec<usize>, OpError> {
    let shape = match given {
        [] | [1] => vec![],
        [n] if rows => vec![*n, 1],
        [n] => vec![1, *n],
        _ => given.to_vec(),
    };
    if matrix.len() < 2 && !shape.is_empty() || broadcast_shapes(&shape, matrix).as_deref() != Some(matrix) {
        return Err(OpError::invalid(format!("a parameter {given:?} does not fit the matrix {matrix:?}")));
    }
    Ok(shape)
}

impl Operator for MatMulInteger {
    fn name(&self) -> &'static str {
        "MatMulInteger"
    }

    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, OpError> {
        let bytes = [DType::U8, DType::I8];
        cx.expect_dtype(0, &bytes)?;
        cx.expect_dtype(1, &bytes)?;
        let (a, b) = (cx.input(0)?, cx.input(1)?);
        let dims = Dims::new(&a.shape, &b.shape)?;
        for (i, matrix, rows) in [(2, &a.shape, true), (3, &b.shape, false)] {
            if let Some(zero) = cx.optional(i) {
                cx.expect_dtype(i, &[cx.input(i - 2)?.dtype])?;
                parameter_shape(&zero.shape, matrix, rows)?;
            }
        }
        Ok(vec![bounded(DType::I32, dims.y)?])
    }

    fn evaluate(&self, inputs: &[Option<Tensor>], _outputs: usize) -> Outputs {
        reference::evaluate(self, inputs)
    }
}
