use ocelli_tensor::{Data, Tensor};

use crate::operator::Outputs;
use crate::ops::numbers::{broadcast_all, offsets};
use crate::ops::util::required;

pub(super) fn evaluate(inputs: &[Option<Tensor>]) -> Outputs {
    let (c, a, b) = (required(inputs, 0)?, required(inputs, 1)?, required(inputs, 2)?);
    let shape = broadcast_all([c.shape(), a.shape(), b.shape()].into_iter())?;
    let size = a.dtype().size_bytes();
    let conditions = c.bools()?;
    let (in_c, in_a, in_b) = (offsets(&shape, c.shape()), offsets(&shape, a.shape()), offsets(&shape, b.shape()));
    let mut bytes = Vec::with_capacity(in_c.len() * size);
    for ((&i, &j), &k) in in_c.iter().zip(&in_a).zip(&in_b) {
        let (from, at) = if conditions[i] { (a, j) } else { (b, k) };
        bytes.extend_from_slice(&from.bytes()[at * size..(at + 1) * size]);
    }
    Ok(vec![Tensor::new(a.dtype(), &shape, Data::new(bytes))?])
}
