//! [Tile](https://onnx.ai/onnx/operators/onnx__Tile.html): the input repeated `repeats[i]` times along dimension `i`.
//!
//! | | shape |
//! |---|---|
//! | input | `[d0, ..., dr]` |
//! | repeats | `[rank]` |
//! | output | `[d0 * repeats0, ..., dr * repeatsr]` |

#[allow(missing_docs, reason = "one function")]
pub mod cases;
mod lower;

use ocelli_tensor::Tensor;

use super::bounds::bounded;
use super::movement::{dimension, offset, output_type, pick};
use super::util::required;
use crate::plan::LowerCx;
use crate::{InferCx, OpError, Operator, TensorType, operator::Outputs};

/// Tile has no attributes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tile;

impl Operator for Tile {
    fn name(&self) -> &'static str {
        "Tile"
    }

    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, OpError> {
        let x = cx.input(0)?;
        let repeats = cx.constant(1)?.to_i64s().into_iter().map(dimension).collect::<Result<Vec<_>, _>>()?;
        if repeats.len() != x.rank() {
            return Err(OpError::invalid(format!("{} repeats for {x}", repeats.len())));
        }
        let shape: Vec<usize> = x.shape.iter().zip(repeats).map(|(&d, r)| d.saturating_mul(r)).collect();
        Ok(vec![bounded(x.dtype, shape)?])
    }

    fn evaluate(&self, inputs: &[Option<Tensor>], _outputs: usize) -> Outputs {
        let (x, ty) = (required(inputs, 0)?, output_type(self, inputs)?);
        let out = pick(x, &ty.shape, &[], |at| {
            let from: Vec<usize> = at.iter().zip(x.shape()).map(|(&i, &d)| i % d).collect();
            Some(offset(&from, x.shape()))
        })?;
        Ok(vec![out])
    }

    fn lower(&self, cx: &mut LowerCx<'_>) -> Result<(), OpError> {
        lower::lower(cx)
    }
}
