use ocelli_tensor::{DType, Tensor};

use super::NonZero;
use crate::operator::Outputs;
use crate::ops::util::{for_each_index, required};

pub(super) fn evaluate(_op: &NonZero, inputs: &[Option<Tensor>]) -> Outputs {
    let x = required(inputs, 0)?;
    let size = x.dtype().size_bytes();
    // Zero is all bits zero, but for the sign of a float.
    let set: Vec<bool> = if x.dtype().is_float() {
        x.to_f64s().into_iter().map(|x| x != 0.0).collect()
    } else {
        x.bytes().chunks(size).map(|b| b.iter().any(|&b| b != 0)).collect()
    };
    let mut rows: Vec<Vec<i64>> = vec![Vec::new(); x.rank()];
    let mut at = 0;
    for_each_index(x.shape(), |index| {
        if set[at] {
            for (row, &i) in rows.iter_mut().zip(index) {
                row.push(i as i64);
            }
        }
        at += 1;
    });
    let count = set.iter().filter(|&&s| s).count();
    Ok(vec![Tensor::from_i64s(DType::I64, &[x.rank(), count], &rows.concat())?])
}
