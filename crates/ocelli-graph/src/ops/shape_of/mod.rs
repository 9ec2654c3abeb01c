//! What depends on a tensor's shape alone, as `int64`: [Shape](https://onnx.ai/onnx/operators/onnx__Shape.html),
//! [Size](https://onnx.ai/onnx/operators/onnx__Size.html). Binding folds both.
//!
//! | kind | output |
//! |---|---|
//! | Shape | `[end - start]`: dimensions `start..end`, both clamped, negative ones counted from the back |
//! | Size | scalar: the number of elements |

#[allow(missing_docs, reason = "one function")]
pub mod cases;

use ocelli_tensor::{DType, Tensor};

use super::util::required;
use crate::{InferCx, OpError, Operator, TensorType, operator::Outputs};

/// Which operator of the family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShapeKind {
    /// Shape.
    Shape {
        /// First dimension.
        start: i64,
        /// One past the last dimension; `None` is the rank.
        end: Option<i64>,
    },
    /// Size.
    Size,
}

/// Shape or Size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShapeOf {
    /// Which operator.
    pub kind: ShapeKind,
}

impl ShapeOf {
    /// The result for an input of `shape`.
    pub(crate) fn value(&self, shape: &[usize]) -> Tensor {
        let rank = shape.len() as i64;
        match self.kind {
            ShapeKind::Shape { start, end } => {
                let clamp = |x: i64| (if x < 0 { x.saturating_add(rank) } else { x }).clamp(0, rank) as usize;
                let (start, end) = (clamp(start), clamp(end.unwrap_or(rank)));
                Tensor::vector(shape.get(start..end).unwrap_or(&[]).iter().map(|&d| d as i64).collect::<Vec<_>>())
            }
            ShapeKind::Size => Tensor::scalar(shape.iter().product::<usize>() as i64),
        }
    }
}

impl Operator for ShapeOf {
    fn name(&self) -> &'static str {
        match self.kind {
            ShapeKind::Shape { .. } => "Shape",
            ShapeKind::Size => "Size",
        }
    }

    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, OpError> {
        let value = self.value(&cx.input(0)?.shape);
        Ok(vec![TensorType::new(DType::I64, value.shape())])
    }

    fn evaluate(&self, inputs: &[Option<Tensor>], _outputs: usize) -> Outputs {
        Ok(vec![self.value(required(inputs, 0)?.shape())])
    }
}
