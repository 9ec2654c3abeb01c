//! [DynamicQuantizeLinear](https://onnx.ai/onnx/operators/onnx__DynamicQuantizeLinear.html): quantization to u8 by the
//! range of the data, widened to hold 0.
//!
//! `y_scale = (max - min) / 255` (1 / 255 when both are 0); `y_zero_point = round(clip(-min / y_scale, 0, 255))`;
//! `y = clip(round(x / y_scale) + y_zero_point, 0, 255)`.
//!
//! | | shape | dtype |
//! |---|---|---|
//! | x | any | f32 |
//! | y | that of x | u8 |
//! | y_scale, y_zero_point | scalar | f32, u8 |

#[allow(missing_docs, reason = "one function")]
pub mod cases;
mod reference;

use ocelli_tensor::{DType, Tensor};

use crate::{InferCx, OpError, Operator, TensorType, operator::Outputs};

/// DynamicQuantizeLinear has no attributes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DynamicQuantizeLinear;

impl Operator for DynamicQuantizeLinear {
    fn name(&self) -> &'static str {
        "DynamicQuantizeLinear"
    }

    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, OpError> {
        cx.expect_dtype(0, &[DType::F32])?;
        let y = super::bounds::bounded(DType::U8, cx.input(0)?.shape.clone())?;
        Ok(vec![y, TensorType::new(DType::F32, []), TensorType::new(DType::U8, [])])
    }

    fn evaluate(&self, inputs: &[Option<Tensor>], _outputs: usize) -> Outputs {
        reference::evaluate(inputs)
    }
}
