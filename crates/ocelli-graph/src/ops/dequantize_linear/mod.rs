//! [DequantizeLinear](https://onnx.ai/onnx/operators/onnx__DequantizeLinear.html): `Y = (X - x_zero_point) * x_scale`.
//!
//! | | shape | dtype |
//! |---|---|---|
//! | X | any | u8, i8, u16, i16, i32 |
//! | x_scale | scalar; `[D_axis]`; or that of X with `D_axis` divided by `block_size` | float |
//! | x_zero_point | that of x_scale, optional | that of X |
//! | Y | that of X | `output_dtype`, or that of x_scale |

#[allow(missing_docs, reason = "one function")]
pub mod cases;
mod lower;
mod reference;

use ocelli_tensor::{DType, Tensor};

use super::quantization;
use crate::plan::LowerCx;
use crate::{InferCx, OpError, Operator, TensorType, operator::Outputs};

/// Attributes of DequantizeLinear.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DequantizeLinear {
    /// Axis of the scales when there are several; 1 by default.
    pub axis: i64,
    /// Elements of `axis` that share a scale; 0 for scales per axis.
    pub block_size: usize,
    /// Dtype of the result; that of `x_scale` by default.
    pub output_dtype: Option<DType>,
}

impl Default for DequantizeLinear {
    fn default() -> DequantizeLinear {
        DequantizeLinear { axis: 1, block_size: 0, output_dtype: None }
    }
}

impl Operator for DequantizeLinear {
    fn name(&self) -> &'static str {
        "DequantizeLinear"
    }

    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, OpError> {
        cx.expect_dtype(0, &[DType::U8, DType::I8, DType::U16, DType::I16, DType::I32])?;
        cx.expect_dtype(1, &[DType::F32, DType::F16, DType::BF16])?;
        let x = cx.input(0)?;
        quantization::check(cx, self.axis, self.block_size, Some(x.dtype))?;
        let to = self.output_dtype.unwrap_or(cx.input(1)?.dtype);
        if !to.is_float() {
            return Err(OpError::invalid(format!("output_dtype: expected a float, got {to}")));
        }
        Ok(vec![super::bounds::bounded(to, x.shape.clone())?])
    }

    fn evaluate(&self, inputs: &[Option<Tensor>], _outputs: usize) -> Outputs {
        reference::evaluate(self, inputs)
    }

    fn lower(&self, cx: &mut LowerCx<'_>) -> Result<(), OpError> {
        lower::lower(self, cx)
    }
}
