use ocelli_tensor::{DType, Tensor};

use super::{ArgKind, ArgReduce};
use crate::InferCx;
use crate::operator::Outputs;
use crate::ops::numeric::{lanes, order_keys};
use crate::ops::reduce::kept_shape;
use crate::ops::util::required;

pub(super) fn evaluate(op: &ArgReduce, inputs: &[Option<Tensor>]) -> Outputs {
    let x = required(inputs, 0)?;
    let axis = InferCx::axis(op.axis, x.rank())?;
    let (outer, len, inner) = lanes(x.shape(), axis);
    let keys = order_keys(x);
    let mut y = Vec::with_capacity(outer * inner);
    for o in 0..outer {
        for i in 0..inner {
            let key = |l: usize| keys[(o * len + l) * inner + i];
            let mut best = 0;
            for l in 1..len {
                let better = match op.kind {
                    ArgKind::Max => key(l) > key(best),
                    ArgKind::Min => key(l) < key(best),
                };
                if better || (op.select_last_index && key(l) == key(best)) {
                    best = l;
                }
            }
            y.push(best as i64);
        }
    }
    Ok(vec![Tensor::from_i64s(DType::I64, &kept_shape(x.shape(), &[axis], op.keepdims), &y)?])
}
