//! [QuantizeLinear](https://onnx.ai/onnx/operators/onnx__QuantizeLinear.html):
//! `Y = saturate(round_half_even(X / y_scale) + y_zero_point)`.
//!
//! | | shape | dtype |
//! |---|---|---|
//! | X | any | float or i32 |
//! | y_scale | scalar; `[D_axis]`; or that of X with `D_axis` divided by `block_size` | float or i32 |
//! | y_zero_point | that of y_scale, optional | u8, i8, u16, i16 |
//! | Y | that of X | that of the zero point, else `output_dtype`, else u8 |

#[allow(missing_docs, reason = "one function")]
pub mod cases;
mod lower;
mod reference;

use ocelli_tensor::{DType, Tensor};

use super::quantization;
use crate::plan::LowerCx;
use crate::{InferCx, OpError, Operator, TensorType, operator::Outputs};

/// Attributes of QuantizeLinear. `saturate` concerns 8-bit floats alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuantizeLinear {
    /// Axis of the scales when there are several; 1 by default.
    pub axis: i64,
    /// Elements of `axis` that share a scale; 0 for scales per axis.
    pub block_size: usize,
    /// Dtype of the result without a zero point.
    pub output_dtype: Option<DType>,
    /// Dtype of the division; that of `y_scale` by default.
    pub precision: Option<DType>,
}

impl Default for QuantizeLinear {
    fn default() -> QuantizeLinear {
        QuantizeLinear { axis: 1, block_size: 0, output_dtype: None, precision: None }
    }
}

impl QuantizeLinear {
    /// Dtype in which the quotient is held. Whole numbers are divided as `f32`.
    pub(crate) fn division(&self, scale: DType) -> DType {
        let dtype = self.precision.unwrap_or(scale);
        if dtype.is_float() { dtype } else { DType::F32 }
    }
}

impl Operator for QuantizeLinear {
    fn name(&self) -> &'static str {
        "QuantizeLinear"
    }

    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, OpError> {
        let floats = [DType::F32, DType::F16, DType::BF16, DType::F64, DType::I32];
        cx.expect_dtype(0, &floats)?;
        cx.expect_dtype(1, &floats)?;
        quantization::check(cx, self.axis, self.block_size, self.output_dtype)?;
        let to = cx.optional(2).map(|z| z.dtype).or(self.output_dtype).unwrap_or(DType::U8);
        quantization::range(to)?;
        Ok(vec![super::bounds::bounded(to, cx.input(0)?.shape.clone())?])
    }

    fn evaluate(&self, inputs: &[Option<Tensor>], _outputs: usize) -> Outputs {
        reference::evaluate(self, inputs)
    }

    fn lower(&self, cx: &mut LowerCx<'_>) -> Result<(), OpError> {
        lower::lower(self, cx)
    }
}
