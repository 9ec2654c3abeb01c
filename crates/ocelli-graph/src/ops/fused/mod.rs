//! A convolution whose result goes through a chain of elementwise operators before it is stored.
//!
//! Inputs of the node: X, W, B of the convolution ([`MAIN_INPUTS`] places, B may be missing), then the other operands of
//! the chain, whose input 0 is the convolution's result. The reference is the composition of both references.

#[allow(missing_docs, reason = "one function")]
pub mod cases;

use ocelli_shaders::Elem;
use ocelli_shaders::pointwise::Epilogue;
use ocelli_tensor::Tensor;

use super::pointwise::Pointwise;
use super::scalar::{Builder, Operand, literal};
use crate::plan::{LowerCx, View};
use crate::{InferCx, Op, OpError, Operator, TensorType, operator::Outputs};

/// Inputs of the convolution in front of those of the chain.
pub const MAIN_INPUTS: usize = 3;

/// A convolution and the chain behind it.
#[derive(Clone, Debug, PartialEq)]
pub struct Fused {
    /// Conv or ConvTranspose, over one or two spatial dimensions.
    pub op: Box<Op>,
    /// The chain; its input 0 is the result of `op`.
    pub chain: Pointwise,
}

impl Fused {
    fn main_type(&self, cx: &InferCx<'_>) -> Result<TensorType, OpError> {
        let n = MAIN_INPUTS.min(cx.inputs.len());
        let main = InferCx { inputs: &cx.inputs[..n], constants: &cx.constants[..n.min(cx.constants.len())], outputs: 1 };
        self.op.infer(&main)?.into_iter().next().ok_or_else(|| OpError::invalid("no result to fuse with"))
    }
}

impl Operator for Fused {
    fn name(&self) -> &'static str {
        self.op.name()
    }

    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, OpError> {
        let mut types = vec![Some(self.main_type(cx)?)];
        types.extend(cx.inputs.iter().skip(MAIN_INPUTS).cloned());
        Ok(self.chain.types(&types)?.into_iter().next_back().into_iter().collect())
    }

    fn evaluate(&self, inputs: &[Option<Tensor>], _outputs: usize) -> Outputs {
        let main = self.op.evaluate(&inputs[..MAIN_INPUTS.min(inputs.len())], 1)?;
        let mut operands = vec![main.into_iter().next()];
        operands.extend(inputs.iter().skip(MAIN_INPUTS).cloned());
        self.chain.evaluate(&operands, 1)
    }

    fn lower(&self, cx: &mut LowerCx<'_>) -> Result<(), OpError> {
        self.op.lower(cx)
    }
}

/// The epilogue of the node's kernel and the views of its further operands, broadcast to the output, with strides that
/// are not negative. Without a chain the epilogue does nothing.
pub fn epilogue(cx: &mut LowerCx<'_>) -> Result<(Epilogue, Vec<View>), OpError> {
    let node = cx.node();
    let Op::Fused(fused) = &node.op else {
        return Ok((Epilogue::none(), Vec::new()));
    };
    let out = cx.output_type(0)?.clone();
    let mut b = Builder::default();
    let mut operands: Vec<Option<Operand>> = vec![Some(b.input(Elem::F32, out.dtype))];
    let mut types = vec![Some(out.clone())];
    let mut views = Vec::new();
    for i in MAIN_INPUTS..node.inputs.len() {
        let ty = cx.input_type(i)?.clone();
        let dtype = ty.dtype;
        types.push(Some(ty));
        if let Some(arg) = cx.constant(i).and_then(literal) {
            operands.push(Some(Operand { arg, dtype }));
            continue;
        }
        let view = cx.input(i)?;
        let view = if view.is_forward() { view } else { cx.dense(&view)? };
        operands.push(Some(b.input(view.elem, dtype)));
        views.push(view.broadcast(&out.shape));
    }
    let result = fused.chain.emit(&operands, &fused.chain.types(&types)?, &mut b)?;
    let per_channel = views
        .iter()
        .map(|v| v.strides.iter().enumerate().all(|(i, &s)| i == 1 || s == 0 || v.shape[i] == 1))
        .collect();
    Ok((Epilogue { program: b.finish(result), per_channel }, views))
}
