//! Random tensors: [RandomUniform](https://onnx.ai/onnx/operators/onnx__RandomUniform.html),
//! [RandomNormal](https://onnx.ai/onnx/operators/onnx__RandomNormal.html) and their `Like` forms,
//! [Bernoulli](https://onnx.ai/onnx/operators/onnx__Bernoulli.html),
//! [Multinomial](https://onnx.ai/onnx/operators/onnx__Multinomial.html). The standard fixes shapes, types and distributions; the
//! numbers are this engine's own, the same for equal seeds and different at each evaluation without one.

#[allow(missing_docs, reason = "one function")]
pub mod cases;

mod reference;

use ocelli_tensor::Tensor;
use ocelli_tensor::DType;

use super::bounds::bounded;
use super::numeric::FLOATS;

use crate::{InferCx, OpError, Operator, TensorType, operator::Outputs};

/// Which distribution.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum RandomKind {
    /// RandomUniform and RandomUniformLike.
    Uniform {
        /// Lower bound; 0 by default.
        low: f32,
        /// Upper bound; 1 by default.
        high: f32,
    },
    /// RandomNormal and RandomNormalLike.
    Normal {
        /// Mean; 0 by default.
        mean: f32,
        /// Standard deviation; 1 by default.
        scale: f32,
    },
    /// 1 with the probability that the input gives.
    Bernoulli,
    /// Indices drawn by the unnormalized log-probabilities `[batch, classes]` of the input.
    Multinomial {
        /// Draws per row; 1 by default.
        sample_size: usize,
    },
}

/// A random tensor.
#[derive(Clone, Debug, PartialEq)]
pub struct Random {
    /// Which distribution.
    pub kind: RandomKind,
    /// The shape of a Uniform or Normal; `None` takes that of the input (`Like`).
    pub shape: Option<Vec<usize>>,
    /// Type of the result; by default that of the input, f32 without one, i32 of Multinomial.
    pub dtype: Option<DType>,
    /// Seed.
    pub seed: Option<f32>,
}

impl Random {
    fn ty(&self, input: Option<&TensorType>) -> Result<TensorType, OpError> {
        let missing = || OpError::invalid("neither an input nor a shape");
        match (&self.kind, &self.shape, input) {
            (RandomKind::Multinomial { sample_size }, _, Some(x)) => match x.shape[..] {
                [batch, classes] if classes > 0 => bounded(self.dtype.unwrap_or(DType::I32), [batch, *sample_size]),
                _ => Err(OpError::invalid(format!("expected [batch, classes], got {x}"))),
            },
            (RandomKind::Uniform { .. } | RandomKind::Normal { .. }, Some(shape), _) => {
                bounded(self.dtype.unwrap_or(DType::F32), shape.clone())
            }
            (_, _, Some(x)) => bounded(self.dtype.unwrap_or(x.dtype), x.shape.clone()),
            _ => Err(missing()),
        }
    }
}

impl Operator for Random {
    fn name(&self) -> &'static str {
        match (&self.kind, &self.shape) {
            (RandomKind::Uniform { .. }, Some(_)) => "RandomUniform",
            (RandomKind::Uniform { .. }, None) => "RandomUniformLike",
            (RandomKind::Normal { .. }, Some(_)) => "RandomNormal",
            (RandomKind::Normal { .. }, None) => "RandomNormalLike",
            (RandomKind::Bernoulli, _) => "Bernoulli",
            (RandomKind::Multinomial { .. }, _) => "Multinomial",
        }
    }

    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, OpError> {
        if matches!(self.kind, RandomKind::Bernoulli | RandomKind::Multinomial { .. }) {
            cx.expect_dtype(0, &FLOATS)?;
        }
        Ok(vec![self.ty(cx.optional(0))?])
    }

    fn evaluate(&self, inputs: &[Option<Tensor>], _outputs: usize) -> Outputs {
        reference::evaluate(self, inputs)
    }
}
