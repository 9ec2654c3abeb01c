use std::collections::BTreeMap;

use ocelli_tensor::{DType, Tensor};

use super::Unique;
use crate::InferCx;
use crate::operator::Outputs;
use crate::ops::numeric::{lanes, order_keys, pick};
use crate::ops::util::required;

pub(super) fn evaluate(op: &Unique, inputs: &[Option<Tensor>]) -> Outputs {
    let x = required(inputs, 0)?;
    let (mut shape, axis) = match op.axis {
        Some(axis) if x.rank() > 0 => (x.shape().to_vec(), InferCx::axis(axis, x.rank())?),
        _ => (vec![x.len()], 0),
    };
    let (outer, len, inner) = lanes(&shape, axis);
    let keys = order_keys(x);
    let positions = |l: usize| (0..outer).flat_map(move |o| (0..inner).map(move |i| (o * len + l) * inner + i));
    let mut groups: BTreeMap<Vec<i128>, Vec<usize>> = BTreeMap::new();
    for l in 0..len {
        groups.entry(positions(l).map(|p| keys[p]).collect()).or_default().push(l);
    }
    let mut groups: Vec<Vec<usize>> = groups.into_values().collect();
    if !op.sorted {
        groups.sort_by_key(|g| g.first().copied());
    }
    let mut inverse = vec![0i64; len];
    for (j, group) in groups.iter().enumerate() {
        for &l in group {
            inverse[l] = j as i64;
        }
    }
    let first: Vec<usize> = groups.iter().filter_map(|g| g.first().copied()).collect();
    let mut at = Vec::new();
    for o in 0..outer {
        for &l in &first {
            at.extend((0..inner).map(|i| (o * len + l) * inner + i));
        }
    }
    shape[axis] = first.len();
    let vector = |v: Vec<i64>| Tensor::from_i64s(DType::I64, &[v.len()], &v);
    Ok(vec![
        pick(x, &shape, &at)?,
        vector(first.iter().map(|&l| l as i64).collect())?,
        vector(inverse)?,
        vector(groups.iter().map(|g| g.len() as i64).collect())?,
    ])
}
