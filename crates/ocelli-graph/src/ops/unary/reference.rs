use ocelli_tensor::Tensor;

use super::{Unary, UnaryKind};
use crate::ops::util::required;
use crate::operator::Outputs;

pub(super) fn evaluate(op: &Unary, inputs: &[Option<Tensor>]) -> Outputs {
    let x = required(inputs, 0)?;
    let f = |x: f64| match op.kind {
        UnaryKind::Relu => x.max(0.0),
        UnaryKind::LeakyRelu { alpha } => if x >= 0.0 { x } else { f64::from(alpha) * x },
        UnaryKind::Sigmoid => 1.0 / (1.0 + (-x).exp()),
        UnaryKind::Tanh => x.tanh(),
    };
    Ok(vec![Tensor::from_f64s(x.dtype(), x.shape(), &x.to_f64s().into_iter().map(f).collect::<Vec<_>>())?])
}
