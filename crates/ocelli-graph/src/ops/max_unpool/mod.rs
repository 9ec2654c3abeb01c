//! [MaxUnpool](https://onnx.ai/onnx/operators/onnx__MaxUnpool.html): puts the results of MaxPool back where they came
//! from; everything else is zero.
//!
//! | | shape |
//! |---|---|
//! | X | `[N, C, D1, ..., Dn]` |
//! | I | as X, int64: positions in the flattened tensor of the inferred size |
//! | output_shape | `[n + 2]`, optional |
//! | Y | `[N, C, O1, ..., On]`, `O = (D - 1) * stride - pad_begin - pad_end + kernel`, or `output_shape` |
//!
//! A given `output_shape` extends the inferred size with zeros at the ends. Where indices repeat, the last one counts.

#[allow(missing_docs, reason = "one function")]
pub mod cases;
mod lower;
mod reference;

use ocelli_tensor::{DType, Tensor};

use super::window::{Window, bounded};
use crate::plan::LowerCx;
use crate::{InferCx, OpError, Operator, TensorType, operator::Outputs};

/// Attributes of MaxUnpool.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MaxUnpool {
    /// Kernel, strides and pads of the MaxPool that is undone.
    pub window: Window,
}

impl MaxUnpool {
    /// Shape of the tensor that the indices refer to.
    pub(crate) fn inferred_shape(&self, x: &[usize]) -> Result<Vec<usize>, OpError> {
        let n = self.window.kernel.len();
        if x.len() < 3 || n != x.len() - 2 {
            return Err(OpError::invalid(format!(
                "expected an input of rank {} for kernel_shape {:?}, got {}",
                n + 2,
                self.window.kernel,
                x.len()
            )));
        }
        let window = self.window.resolve(&x[2..], &[])?;
        let mut shape = x[..2].to_vec();
        for i in 0..n {
            let size = (x[2 + i] as i64 - 1)
                .checked_mul(window.strides[i] as i64)
                .and_then(|s| s.checked_add(window.kernel[i] as i64 - window.pads[i] - window.pads[n + i]))
                .filter(|s| (1..1 << 31).contains(s));
            let size = size.ok_or_else(|| OpError::invalid(format!("spatial dimension {i} has no valid size")))?;
            shape.push(size as usize);
        }
        Ok(shape)
    }

    fn shape(&self, x: &[usize], given: Option<Vec<i64>>) -> Result<Vec<usize>, OpError> {
        let inferred = self.inferred_shape(x)?;
        let Some(given) = given else { return Ok(inferred) };
        let fits = given.len() == inferred.len()
            && given[..2].iter().zip(x).all(|(&g, &d)| g == d as i64)
            && given.iter().zip(&inferred).all(|(&g, &d)| g >= d as i64 && g < 1 << 31);
        if !fits {
            return Err(OpError::invalid(format!("output_shape {given:?} does not hold {inferred:?}")));
        }
        Ok(given.iter().map(|&d| d as usize).collect())
    }
}

impl Operator for MaxUnpool {
    fn name(&self) -> &'static str {
        "MaxUnpool"
    }

    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, OpError> {
        cx.expect_dtype(0, &[DType::F32, DType::F16, DType::BF16, DType::F64])?;
        cx.expect_dtype(1, &[DType::I64])?;
        let (x, indices) = (cx.input(0)?, cx.input(1)?);
        if x.shape != indices.shape {
            return Err(OpError::invalid(format!("X is {x} but I is {indices}")));
        }
        Ok(vec![bounded(x.dtype, self.shape(&x.shape, cx.optional_i64s(2)?)?)?])
    }

    fn evaluate(&self, inputs: &[Option<Tensor>], _outputs: usize) -> Outputs {
        reference::evaluate(self, inputs)
    }

    fn lower(&self, cx: &mut LowerCx<'_>) -> Result<(), OpError> {
        lower::lower(self, cx)
    }
}
