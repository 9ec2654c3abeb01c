use ocelli_tensor::{DType, Tensor};

use super::TopK;
use crate::operator::Outputs;
use crate::ops::numeric::{lanes, order_keys, pick};
use crate::ops::util::required;
use crate::{InferCx, OpError};

pub(super) fn evaluate(op: &TopK, inputs: &[Option<Tensor>]) -> Outputs {
    let x = required(inputs, 0)?;
    let axis = InferCx::axis(op.axis, x.rank())?;
    let (outer, len, inner) = lanes(x.shape(), axis);
    let k = required(inputs, 1)?.to_i64s().first().copied().unwrap_or(0);
    let k = usize::try_from(k).map_err(|_| OpError::invalid(format!("k is {k}")))?;
    let keys = order_keys(x);
    let count = outer * k * inner;
    let (mut from, mut index) = (vec![0; count], vec![0i64; count]);
    for o in 0..outer {
        for i in 0..inner {
            let mut order: Vec<usize> = (0..len).collect();
            let key = |l: usize| keys[(o * len + l) * inner + i];
            order.sort_by_key(|&l| (if op.largest { -key(l) } else { key(l) }, l));
            for (rank, &l) in order.iter().take(k).enumerate() {
                let at = (o * k + rank) * inner + i;
                from[at] = (o * len + l) * inner + i;
                index[at] = l as i64;
            }
        }
    }
    let mut shape = x.shape().to_vec();
    shape[axis] = k;
    Ok(vec![pick(x, &shape, &from)?, Tensor::from_i64s(DType::I64, &shape, &index)?])
}
