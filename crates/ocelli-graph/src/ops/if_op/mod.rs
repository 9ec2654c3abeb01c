//! [If](https://onnx.ai/onnx/operators/onnx__If.html): one of two bodies, chosen by a condition.
//!
//! Inputs of the node: the condition (bool, one element), then the captures of `then_branch`, then those of `else_branch`
//! (one for each input of the body, see [`body`](super::body)). Neither body has formal inputs of its own. Outputs are
//! those of the chosen body. With a constant condition the types are those of the branch that is taken; otherwise the
//! branches must agree, or the value of the condition is waited for.

#[allow(missing_docs, reason = "one function")]
pub mod cases;

mod reference;

use ocelli_tensor::Tensor;
use ocelli_tensor::DType;

use super::body::{bind_body, operand, output_types, truth};
use super::numeric::needs_values;
use crate::Graph;

use crate::{InferCx, OpError, Operator, TensorType, operator::Outputs};

/// The two branches.
#[derive(Clone, Debug, PartialEq)]
pub struct If {
    /// Runs when the condition holds.
    pub then_branch: Graph,
    /// Runs when it does not.
    pub else_branch: Graph,
}

impl If {
    /// The chosen body and the number of the node's first input that it takes.
    pub(crate) fn branch(&self, condition: bool) -> (&Graph, usize) {
        if condition {
            (&self.then_branch, 1)
        } else {
            (&self.else_branch, 1 + self.then_branch.inputs.len())
        }
    }

    fn branch_types(&self, cx: &InferCx<'_>, condition: bool) -> Result<Option<Vec<TensorType>>, OpError> {
        let (body, first) = self.branch(condition);
        let operands = (0..body.inputs.len()).map(|i| operand(cx, first + i)).collect::<Result<Vec<_>, _>>()?;
        bind_body(body, &operands)?.map(|bound| output_types(&bound)).transpose()
    }
}

impl Operator for If {
    fn name(&self) -> &'static str {
        "If"
    }

    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, OpError> {
        cx.expect_dtype(0, &[DType::Bool])?;
        if let Some(condition) = cx.constants.first().copied().flatten() {
            return self.branch_types(cx, truth(condition)?)?.ok_or_else(|| needs_values(cx));
        }
        // A branch that is never taken may not fit the shapes; only the condition can tell.
        match (self.branch_types(cx, true), self.branch_types(cx, false)) {
            (Ok(Some(a)), Ok(Some(b))) if a == b => Ok(a),
            _ => Err(OpError::NeedsValue(0)),
        }
    }

    fn evaluate(&self, inputs: &[Option<Tensor>], _outputs: usize) -> Outputs {
        reference::evaluate(self, inputs)
    }
}
