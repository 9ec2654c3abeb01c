//! Window functions: [HannWindow](https://onnx.ai/onnx/operators/onnx__HannWindow.html),
//! [HammingWindow](https://onnx.ai/onnx/operators/onnx__HammingWindow.html),
//! [BlackmanWindow](https://onnx.ai/onnx/operators/onnx__BlackmanWindow.html). The input is the size (one int64 or int32, known); the
//! result is `[size]`. With n the index and N the size (less 1 when not periodic):
//!
//! | | value |
//! |---|---|
//! | Hann | `sin(pi n / N)^2` |
//! | Hamming | `25/46 - 21/46 cos(2 pi n / N)` |
//! | Blackman | `0.42 - 0.5 cos(2 pi n / N) + 0.08 cos(4 pi n / N)` |

#[allow(missing_docs, reason = "one function")]
pub mod cases;

mod reference;

use ocelli_tensor::Tensor;
use ocelli_tensor::DType;

use super::bounds::bounded;

use crate::{InferCx, OpError, Operator, TensorType, operator::Outputs};

/// Which function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "named as in the standard")]
pub enum WindowKind {
    Hann,
    Hamming,
    Blackman,
}

/// A window function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WindowFunction {
    /// Which function.
    pub kind: WindowKind,
    /// Whether the window is periodic (default) instead of symmetric.
    pub periodic: bool,
    /// Type of the result; f32 by default.
    pub output_datatype: DType,
}

/// The value of a one-element size input.
fn size_of(t: &Tensor) -> Result<usize, OpError> {
    match t.to_i64s()[..] {
        [size] => usize::try_from(size).map_err(|_| OpError::invalid(format!("a size of {size}"))),
        _ => Err(OpError::invalid(format!("size: expected one element, got {}", t.len()))),
    }
}

impl Operator for WindowFunction {
    fn name(&self) -> &'static str {
        match self.kind {
            WindowKind::Hann => "HannWindow",
            WindowKind::Hamming => "HammingWindow",
            WindowKind::Blackman => "BlackmanWindow",
        }
    }

    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, OpError> {
        cx.expect_dtype(0, &[DType::I64, DType::I32])?;
        Ok(vec![bounded(self.output_datatype, [size_of(cx.constant(0)?)?])?])
    }

    fn evaluate(&self, inputs: &[Option<Tensor>], _outputs: usize) -> Outputs {
        reference::evaluate(self, inputs)
    }
}
