//! [QLinearMatMul](https://onnx.ai/onnx/operators/onnx__QLinearMatMul.html): the product of quantized matrices, quantized:
//! `Y = saturate(round((A - a_zero) (B - b_zero) * a_scale * b_scale / y_scale) + y_zero)`.
//!
//! Inputs: a, a_scale, a_zero_point, b, b_scale, b_zero_point, y_scale, y_zero_point. Parameters of a are one element or one
//! per row, those of b one element or one per column, those of y one element or one per row. Y has the type of y_zero_point.
//! Beyond the standard, input 8 is a bias: i32, one per column, added to the sums of integers.

#[allow(missing_docs, reason = "one function")]
pub mod cases;

mod lower;
mod reference;

use ocelli_tensor::Tensor;
use ocelli_tensor::DType;

use super::matmul::Dims;
use super::matmul_integer::parameter_shape;
use super::bounds::bounded;
use super::numeric::FLOATS;

use crate::plan::LowerCx;
use crate::{InferCx, OpError, Operator, TensorType, operator::Outputs};

/// QLinearMatMul has no attributes in the standard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct QLinearMatMul {
    /// Bounds of Y, which an activation behind the product became.
    pub clamp: Option<[i32; 2]>,
}

impl Operator for QLinearMatMul {
    fn name(&self) -> &'static str {
        "QLinearMatMul"
    }

    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, OpError> {
        let bytes = [DType::U8, DType::I8];
        for i in [0, 2, 3, 5, 7] {
            cx.expect_dtype(i, &bytes)?;
        }
        for i in [1, 4, 6] {
            cx.expect_dtype(i, &FLOATS)?;
        }
        let (a, b) = (cx.input(0)?, cx.input(3)?);
        let y = bounded(cx.input(7)?.dtype, Dims::new(&a.shape, &b.shape)?.y)?;
        let parameters = [(1, a, true), (2, a, true), (4, b, false), (5, b, false), (6, &y, true), (7, &y, true)];
        for (i, matrix, rows) in parameters {
            parameter_shape(&cx.input(i)?.shape, &matrix.shape, rows)?;
        }
        if let Some(bias) = cx.optional(8) {
            cx.expect_dtype(8, &[DType::I32])?;
            if bias.rank() != 1 || y.shape.last() != bias.shape.first() || cx.input(3)?.rank() < 2 {
                return Err(OpError::invalid(format!("a bias of {bias} does not fit {y}")));
            }
        }
        for (i, matrix) in [(1, 0), (4, 3)] {
            let one = cx.input(i)?.elems() == 1;
            if !one && cx.input(matrix)?.rank() != 2 {
                return Err(OpError::unsupported("scales per row or column of batched matrices"));
            }
        }
        Ok(vec![y])
    }

    fn evaluate(&self, inputs: &[Option<Tensor>], _outputs: usize) -> Outputs {
        reference::evaluate(self, inputs)
    }

    fn lower(&self, cx: &mut LowerCx<'_>) -> Result<(), OpError> {
        lower::lower(self, cx)
    }
}
