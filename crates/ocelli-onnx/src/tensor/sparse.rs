//! Sparse tensors made dense.

use ocelli_tensor::{DType, Data, Tensor, contiguous_strides, element_count};

use super::{TensorReader, shape_of};
use crate::ImportError;
use crate::limits::MAX_DENSE_BYTES;
use crate::proto::SparseTensorProto;

/// The dense tensor of a sparse one and its name.
pub(crate) fn densify(
    reader: &mut TensorReader,
    proto: &SparseTensorProto,
    label: &str,
) -> Result<(String, Tensor), ImportError> {
    let name = proto.values.as_ref().map(|v| v.name.as_str()).filter(|n| !n.is_empty()).unwrap_or(label).to_owned();
    let bad = |problem: &str| ImportError::Tensor { name: name.clone(), problem: format!("sparse: {problem}") };
    let values = proto.values.as_ref().ok_or_else(|| bad("no values"))?;
    let values = reader.read(values, &name)?;
    let shape = shape_of(&proto.dims).map_err(|e| bad(&e))?;
    let elems = element_count(&shape).ok_or_else(|| bad("too many elements"))?;
    let size = values.dtype().size_bytes();
    let bytes =
        elems.checked_mul(size).filter(|&n| u64::try_from(n).is_ok_and(|n| n <= MAX_DENSE_BYTES)).ok_or_else(|| {
            ImportError::Limit {
                what: format!("the size of sparse tensor '{name}' made dense, in bytes"),
                limit: MAX_DENSE_BYTES,
                got: u64::try_from(elems).unwrap_or(u64::MAX),
            }
        })?;
    let nnz = values.len();
    let indices = match &proto.indices {
        Some(indices) => reader.read(indices, &format!("{name} indices"))?,
        None if nnz == 0 => Tensor::vector(Vec::<i64>::new()),
        None => return Err(bad("no indices")),
    };
    if indices.dtype() != DType::I64 {
        return Err(bad(&format!("indices of {}, expected i64", indices.dtype())));
    }
    let linear = linear_indices(&indices.to_i64s(), indices.shape(), nnz, &shape)
        .ok_or_else(|| bad("indices that do not fit the values and the shape"))?;
    let mut dense = vec![0u8; bytes];
    for (value, at) in values.bytes().chunks_exact(size).zip(linear) {
        let target = at.checked_mul(size).and_then(|from| dense.get_mut(from..from.checked_add(size)?));
        match target {
            Some(target) => target.copy_from_slice(value),
            None => return Err(bad(&format!("index {at} of {elems} elements"))),
        }
    }
    let tensor = Tensor::new(values.dtype(), &shape, Data::new(dense)).map_err(|e| bad(&e.to_string()))?;
    Ok((name, tensor))
}

/// Linear index of each stored element, from linear indices (NNZ) or coordinates (NNZ × rank).
fn linear_indices(indices: &[i64], index_shape: &[usize], nnz: usize, shape: &[usize]) -> Option<Vec<usize>> {
    match index_shape {
        [n] if *n == nnz => indices.iter().map(|&i| usize::try_from(i).ok()).collect(),
        [n, rank] if *n == nnz && *rank == shape.len() && *rank > 0 => {
            let strides = contiguous_strides(shape);
            indices
                .chunks_exact(*rank)
                .map(|coordinates| {
                    coordinates.iter().zip(shape).zip(&strides).try_fold(0usize, |at, ((&c, &d), &stride)| {
                        let c = usize::try_from(c).ok().filter(|&c| c < d)?;
                        at.checked_add(c.checked_mul(stride)?)
                    })
                })
                .collect()
        }
        _ => None,
    }
}
