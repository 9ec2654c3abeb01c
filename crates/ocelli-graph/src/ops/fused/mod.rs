//! A convolution whose result goes through a chain of elementwise operators, perhaps through a pixel shuffle and a second
//! chain, before it is stored.
//!
//! Inputs of the node: X, W, B of the convolution ([`MAIN_INPUTS`] places, B may be missing), then the other operands of
//! the chain, whose input 0 is the convolution's result, then those of the chain behind the shuffle, whose input 0 is the
//! shuffled result. The reference is the composition of the references.

#[allow(missing_docs, reason = "one function")]
pub mod cases;
mod lower;

use ocelli_tensor::Tensor;

pub(crate) use lower::{Split, Tail};

use super::depth_to_space::DepthToSpace;
use super::movement::pick;
use super::pointwise::Pointwise;
use crate::plan::LowerCx;
use crate::{InferCx, Op, OpError, Operator, TensorType, operator::Outputs};

/// Inputs of the convolution in front of those of the chain.
pub const MAIN_INPUTS: usize = 3;

/// A convolution and what is behind it.
#[derive(Clone, Debug, PartialEq)]
pub struct Fused {
    /// Conv or ConvTranspose, over one or two spatial dimensions.
    pub op: Box<Op>,
    /// The chain; its input 0 is the result of `op`. Without steps it hands that on.
    pub chain: Pointwise,
    /// What follows the chain.
    pub shuffle: Option<Shuffle>,
}

/// A pixel shuffle and the chain behind it.
#[derive(Clone, Debug, PartialEq)]
pub struct Shuffle {
    /// DepthToSpace.
    pub op: DepthToSpace,
    /// The chain; its input 0 is the shuffled result. Without steps it hands that on.
    pub chain: Pointwise,
    /// Per further operand of that chain: whether it is enlarged by the block size first, each pixel repeated.
    pub enlarged: Vec<bool>,
}

impl Fused {
    /// A convolution with a chain behind it.
    pub fn new(op: Op, chain: Pointwise) -> Fused {
        Fused { op: Box::new(op), chain, shuffle: None }
    }

    /// Number of the chain's operands among `inputs` of the node: those in front of the operands behind the shuffle.
    fn chain_operands(&self, inputs: usize) -> usize {
        let behind = self.shuffle.as_ref().map_or(0, |s| s.enlarged.len());
        inputs.saturating_sub(MAIN_INPUTS).saturating_sub(behind)
    }

    fn main_type(&self, cx: &InferCx<'_>) -> Result<TensorType, OpError> {
        let n = MAIN_INPUTS.min(cx.inputs.len());
        let main = InferCx { inputs: &cx.inputs[..n], constants: &cx.constants[..n.min(cx.constants.len())], outputs: 1 };
        first(self.op.infer(&main)?)
    }
}

fn first(types: Vec<TensorType>) -> Result<TensorType, OpError> {
    types.into_iter().next().ok_or_else(|| OpError::invalid("no result to fuse with"))
}

/// The type of a chain's result, where `types` are those of its operands.
fn chain_type(chain: &Pointwise, types: &[Option<TensorType>]) -> Result<TensorType, OpError> {
    match chain.types(types)?.pop() {
        Some(ty) => Ok(ty),
        None => types.first().cloned().flatten().ok_or_else(|| OpError::invalid("a chain without operands")),
    }
}

fn chain_value(chain: &Pointwise, value: Tensor, operands: &[Option<Tensor>]) -> Result<Tensor, OpError> {
    if chain.steps.is_empty() {
        return Ok(value);
    }
    let all: Vec<Option<Tensor>> = std::iter::once(Some(value)).chain(operands.iter().cloned()).collect();
    one(chain.evaluate(&all, 1)?)
}

fn one(values: Vec<Tensor>) -> Result<Tensor, OpError> {
    values.into_iter().next().ok_or_else(|| OpError::invalid("an operator without a result"))
}

impl Shuffle {
    /// The type of operand `i` behind the shuffle, enlarged if it is to be.
    fn operand_type(&self, i: usize, ty: &TensorType) -> Result<TensorType, OpError> {
        let enlarged = self.enlarged.get(i).copied().unwrap_or(false);
        match ty.shape[..] {
            _ if !enlarged => Ok(ty.clone()),
            [n, c, h, w] => {
                let grown = |d: usize| d.saturating_mul(self.op.blocksize);
                Ok(TensorType::new(ty.dtype, vec![n, c, grown(h), grown(w)]))
            }
            _ => Err(OpError::invalid(format!("expected [N, C, H, W] to enlarge, got {ty}"))),
        }
    }

    fn operand(&self, i: usize, value: &Tensor) -> Result<Tensor, OpError> {
        let ty = TensorType::new(value.dtype(), value.shape().to_vec());
        let (shape, b) = (self.operand_type(i, &ty)?.shape, self.op.blocksize);
        if shape == value.shape() {
            return Ok(value.clone());
        }
        let (h, w) = (value.shape()[2], value.shape()[3]);
        pick(value, &shape, &[], |at| Some(((at[0] * ty.shape[1] + at[1]) * h + at[2] / b) * w + at[3] / b))
    }
}

impl Operator for Fused {
    fn name(&self) -> &'static str {
        self.op.name()
    }

    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, OpError> {
        let given: Vec<Option<TensorType>> = cx.inputs.iter().skip(MAIN_INPUTS).cloned().collect();
        let n = self.chain_operands(cx.inputs.len());
        let mut types = vec![Some(self.main_type(cx)?)];
        types.extend(given.iter().take(n).cloned());
        let mut ty = chain_type(&self.chain, &types)?;
        if let Some(shuffle) = &self.shuffle {
            let inputs = [Some(ty)];
            let shuffled = first(shuffle.op.infer(&InferCx { inputs: &inputs, constants: &[None], outputs: 1 })?)?;
            let mut types = vec![Some(shuffled.clone())];
            for (i, operand) in given.iter().skip(n).enumerate() {
                types.push(operand.as_ref().map(|ty| shuffle.operand_type(i, ty)).transpose()?);
            }
            ty = chain_type(&shuffle.chain, &types)?;
            if ty.shape != shuffled.shape {
                return Err(OpError::invalid(format!("the chain behind the shuffle makes {ty} of {shuffled}")));
            }
        }
        Ok(vec![ty])
    }

    fn evaluate(&self, inputs: &[Option<Tensor>], _outputs: usize) -> Outputs {
        let (main, operands) = inputs.split_at(MAIN_INPUTS.min(inputs.len()));
        let (before, behind) = operands.split_at(self.chain_operands(inputs.len()).min(operands.len()));
        let value = chain_value(&self.chain, one(self.op.evaluate(main, 1)?)?, before)?;
        let Some(shuffle) = &self.shuffle else { return Ok(vec![value]) };
        let shuffled = one(shuffle.op.evaluate(&[Some(value)], 1)?)?;
        let behind: Vec<Option<Tensor>> = behind
            .iter()
            .enumerate()
            .map(|(i, t)| t.as_ref().map(|t| shuffle.operand(i, t)).transpose())
            .collect::<Result<_, _>>()?;
        Ok(vec![chain_value(&shuffle.chain, shuffled, &behind)?])
    }

    fn lower(&self, cx: &mut LowerCx<'_>) -> Result<(), OpError> {
        self.op.lower(cx)
    }
}
