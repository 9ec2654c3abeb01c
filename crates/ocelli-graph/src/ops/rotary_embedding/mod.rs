//! [RotaryEmbedding](https://onnx.ai/onnx/operators/onnx__RotaryEmbedding.html): pairs of features rotated by an angle of their
//! position.
//!
//! | | shape |
//! |---|---|
//! | X, Y | `[batch, heads, length, size]`, or `[batch, length, heads * size]` |
//! | cos_cache, sin_cache | `[positions, rotated / 2]` with position_ids, else `[batch, length, rotated / 2]` |
//! | position_ids (optional) | `[batch, length]` int64 |
//!
//! The first `rotary_embedding_dim` features of each head are rotated (all when it is 0): the first half with the second, or
//! neighbours when interleaved.

#[allow(missing_docs, reason = "one function")]
pub mod cases;

mod reference;

use ocelli_tensor::Tensor;
use ocelli_tensor::DType;

use super::numeric::{FLOATS, expect_shape};

use crate::{InferCx, OpError, Operator, TensorType, operator::Outputs};

/// Attributes of RotaryEmbedding.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RotaryEmbedding {
    /// Whether neighbours are a pair.
    pub interleaved: bool,
    /// Number of heads, needed for inputs of rank 3.
    pub num_heads: usize,
    /// Features of a head that are rotated; 0 for all.
    pub rotary_embedding_dim: usize,
}

/// The sizes of a rotation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sizes {
    pub batch: usize,
    pub heads: usize,
    pub length: usize,
    pub size: usize,
    pub rotated: usize,
}

impl RotaryEmbedding {
    pub(crate) fn sizes(&self, x: &[usize]) -> Result<Sizes, OpError> {
        let bad = || OpError::invalid(format!("{self:?} does not fit an input of {x:?}"));
        let (batch, heads, length, size) = match *x {
            [b, h, l, s] => (b, h, l, s),
            [b, l, hidden] if self.num_heads > 0 && hidden % self.num_heads == 0 => {
                (b, self.num_heads, l, hidden / self.num_heads)
            }
            _ => return Err(bad()),
        };
        let rotated = if self.rotary_embedding_dim == 0 { size } else { self.rotary_embedding_dim };
        if rotated > size || rotated % 2 != 0 {
            return Err(bad());
        }
        Ok(Sizes { batch, heads, length, size, rotated })
    }
}

impl Operator for RotaryEmbedding {
    fn name(&self) -> &'static str {
        "RotaryEmbedding"
    }

    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, OpError> {
        cx.expect_dtype(0, &FLOATS)?;
        let x = cx.input(0)?;
        let s = self.sizes(&x.shape)?;
        let (cos, sin) = (cx.input(1)?, cx.input(2)?);
        expect_shape("sin_cache", sin, &cos.shape)?;
        if let Some(ids) = cx.optional(3) {
            cx.expect_dtype(3, &[DType::I64])?;
            expect_shape("position_ids", ids, &[s.batch, s.length])?;
            let positions = cos.shape.first().copied().unwrap_or(0);
            expect_shape("cos_cache", cos, &[positions, s.rotated / 2])?;
        } else {
            expect_shape("cos_cache", cos, &[s.batch, s.length, s.rotated / 2])?;
        }
        Ok(vec![x.clone()])
    }

    fn evaluate(&self, inputs: &[Option<Tensor>], _outputs: usize) -> Outputs {
        reference::evaluate(self, inputs)
    }
}
