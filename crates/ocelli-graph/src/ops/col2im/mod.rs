//! [Col2Im](https://onnx.ai/onnx/operators/onnx__Col2Im.html): adds blocks of columns back into an image.
//!
//! | | shape |
//! |---|---|
//! | input | `[N, C * b1 * ... * bn, L]`, L blocks in row-major order |
//! | image_shape | `[n]` int64 |
//! | block_shape | `[n]` int64 |
//! | output | `[N, C, image_shape...]` |

#[allow(missing_docs, reason = "one function")]
pub mod cases;
mod lower;
mod reference;

use ocelli_tensor::Tensor;

use super::window::{Window, bounded};
use crate::plan::LowerCx;
use crate::{InferCx, OpError, Operator, TensorType, operator::Outputs};

/// Attributes of Col2Im.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Col2Im {
    /// Strides, dilations and pads of the blocks; its kernel is empty.
    pub window: Window,
}

impl Col2Im {
    /// The window with the block as kernel, the number of blocks along each dimension, and the shape of the output.
    pub(crate) fn geometry(
        &self,
        input: &[usize],
        image: &[i64],
        block: &[i64],
    ) -> Result<(Window, Vec<usize>, Vec<usize>), OpError> {
        let sizes = |name: &str, v: &[i64]| -> Result<Vec<usize>, OpError> {
            v.iter()
                .map(|&d| usize::try_from(d).ok().filter(|d| (1..1 << 31).contains(d)))
                .collect::<Option<_>>()
                .ok_or_else(|| OpError::invalid(format!("{name} {v:?}: expected positive numbers")))
        };
        let (image, block) = (sizes("image_shape", image)?, sizes("block_shape", block)?);
        if input.len() != 3 || image.is_empty() || image.len() != block.len() {
            return Err(OpError::invalid(format!(
                "expected an input of rank 3, and image and block of one rank, got {input:?}, {image:?} and {block:?}"
            )));
        }
        let window = self.window.resolve(&image, &block)?;
        let blocks = window.output_size(&image)?;
        let taps = block.iter().try_fold(1usize, |t, &b| t.checked_mul(b)).unwrap_or(usize::MAX);
        let count = blocks.iter().try_fold(1usize, |t, &b| t.checked_mul(b));
        if input[1] % taps != 0 || Some(input[2]) != count || window.kernel != block {
            return Err(OpError::invalid(format!(
                "an input of {input:?} does not hold {blocks:?} blocks of {block:?}"
            )));
        }
        let mut shape = vec![input[0], input[1] / taps];
        shape.extend(image);
        Ok((window, blocks, shape))
    }
}

impl Operator for Col2Im {
    fn name(&self) -> &'static str {
        "Col2Im"
    }

    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, OpError> {
        let x = cx.input(0)?;
        let (image, block) = (cx.constant(1)?.to_i64s(), cx.constant(2)?.to_i64s());
        let (_, _, shape) = self.geometry(&x.shape, &image, &block)?;
        Ok(vec![bounded(x.dtype, shape)?])
    }

    fn evaluate(&self, inputs: &[Option<Tensor>], _outputs: usize) -> Outputs {
        reference::evaluate(self, inputs)
    }

    fn lower(&self, cx: &mut LowerCx<'_>) -> Result<(), OpError> {
        lower::lower(self, cx)
    }
}
