//! [BitCast](https://onnx.ai/onnx/operators/onnx__BitCast.html): the same bits under another dtype of as many bytes.

#[allow(missing_docs, reason = "one function")]
pub mod cases;

use ocelli_shaders::pointwise::Fun;
use ocelli_tensor::{DType, Tensor};

use super::scalar::{self, Builder};
use super::util::required;
use crate::plan::LowerCx;
use crate::{InferCx, OpError, Operator, TensorType, operator::Outputs};

/// Attributes of BitCast.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BitCast {
    /// The dtype of the result.
    pub to: DType,
}

impl Operator for BitCast {
    fn name(&self) -> &'static str {
        "BitCast"
    }

    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, OpError> {
        let x = cx.input(0)?;
        if x.dtype.size_bytes() != self.to.size_bytes() {
            return Err(OpError::invalid(format!("{} and {} have different sizes", x.dtype, self.to)));
        }
        Ok(vec![super::bounds::bounded(self.to, x.shape.clone())?])
    }

    fn evaluate(&self, inputs: &[Option<Tensor>], _outputs: usize) -> Outputs {
        let x = required(inputs, 0)?;
        if self.to == DType::Bool {
            let bits: Vec<bool> = x.bytes().iter().map(|&b| b != 0).collect();
            return Ok(vec![Tensor::from_bools(x.shape(), &bits)?]);
        }
        Ok(vec![Tensor::new(self.to, x.shape(), x.data().clone())?])
    }

    fn lower(&self, cx: &mut LowerCx<'_>) -> Result<(), OpError> {
        let x = cx.input(0)?;
        let dtype = cx.input_type(0)?.dtype;
        if dtype.size_bytes() != 4 {
            return Err(OpError::host_only(format!("{dtype} is not held in its own bits")));
        }
        let mut b = Builder::default();
        let operand = b.input(x.elem, dtype);
        let result = b.step(Fun::Bitcast, &[operand], self.to);
        scalar::finish(cx, b, result, &[crate::plan::Source::Words(x)])
    }
}
