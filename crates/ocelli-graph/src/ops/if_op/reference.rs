use ocelli_tensor::Tensor;

use super::If;
use crate::operator::Outputs;
use crate::ops::body::{run_body, truth};
use crate::ops::util::required;

pub(super) fn evaluate(op: &If, inputs: &[Option<Tensor>]) -> Outputs {
    let (body, first) = op.branch(truth(required(inputs, 0)?)?);
    let operands = (0..body.inputs.len()).map(|i| required(inputs, first + i).cloned()).collect::<Result<Vec<_>, _>>()?;
    run_body(body, &operands)
}
