//! What the data movement operators share: dimensions and axes, and references that copy raw elements of any dtype.

use ocelli_tensor::{DType, Data, Tensor, contiguous_strides};

use super::bounds::{MAX_ELEMS, bounded};
use super::util::for_each_index;
use crate::{InferCx, OpError, Operator, TensorType};

/// A dimension given by the model, which must be neither negative nor above [`MAX_ELEMS`].
pub fn dimension(d: i64) -> Result<usize, OpError> {
    usize::try_from(d).ok().filter(|&d| d <= MAX_ELEMS).ok_or_else(|| OpError::invalid(format!("{d} is no dimension")))
}

/// Distinct axes of a tensor of `rank`, negative ones counted from the back.
pub fn axes(given: &[i64], rank: usize) -> Result<Vec<usize>, OpError> {
    let mut axes = Vec::with_capacity(given.len().min(rank));
    for &a in given {
        let axis = InferCx::axis(a, rank)?;
        if rank == 0 || axes.contains(&axis) {
            return Err(OpError::invalid(format!("axes {given:?} of rank {rank} are not distinct")));
        }
        axes.push(axis);
    }
    Ok(axes)
}

/// Types of the outputs of `op` on these tensors, all of whose values are known.
pub fn output_types(op: &impl Operator, inputs: &[Option<Tensor>], outputs: usize) -> Result<Vec<TensorType>, OpError> {
    let types: Vec<Option<TensorType>> =
        inputs.iter().map(|t| t.as_ref().map(|t| TensorType::new(t.dtype(), t.shape()))).collect();
    let constants: Vec<Option<&Tensor>> = inputs.iter().map(Option::as_ref).collect();
    op.infer(&InferCx { inputs: &types, constants: &constants, outputs })
}

/// Type of output 0 of `op` on these tensors.
pub fn output_type(op: &impl Operator, inputs: &[Option<Tensor>]) -> Result<TensorType, OpError> {
    output_types(op, inputs, 1)?
        .into_iter()
        .next()
        .ok_or_else(|| OpError::invalid(format!("{} has no output", op.name())))
}

/// A tensor of `shape` whose element at each index is that of `src` at the row-major offset `source(index)`, or the bytes
/// `fill` (zeros when empty) where there is none.
pub fn pick(
    src: &Tensor,
    shape: &[usize],
    fill: &[u8],
    mut source: impl FnMut(&[usize]) -> Option<usize>,
) -> Result<Tensor, OpError> {
    let size = src.dtype().size_bytes();
    let ty = bounded(src.dtype(), shape)?;
    let zeros = [0u8; 8];
    let fill = fill.get(..size).unwrap_or(&zeros[..size]);
    let mut out = Vec::with_capacity(ty.elems() * size);
    for_each_index(shape, |at| {
        let element = source(at).and_then(|i| src.bytes().get(i.checked_mul(size)?..(i + 1).checked_mul(size)?));
        out.extend_from_slice(element.unwrap_or(fill));
    });
    Ok(Tensor::new(src.dtype(), shape, Data::new(out))?)
}

/// Row-major offset of `index` in a tensor of `shape`.
pub fn offset(index: &[usize], shape: &[usize]) -> usize {
    index.iter().zip(contiguous_strides(shape)).map(|(&i, s)| i * s).sum()
}

/// Index `i` along a dimension of `dim`, negative ones counted from the back.
pub fn wrapped_index(i: i64, dim: usize) -> Result<usize, OpError> {
    let shifted = if i < 0 { i.saturating_add(dim as i64) } else { i };
    usize::try_from(shifted)
        .ok()
        .filter(|&i| i < dim)
        .ok_or_else(|| OpError::invalid(format!("index {i} is outside of a dimension of {dim}")))
}

/// `0, 1, 2, ...` as a tensor of a case.
pub fn iota(dtype: DType, shape: &[usize]) -> Tensor {
    let n: usize = shape.iter().product();
    super::util::case_tensor(dtype, shape, &(0..n).map(|x| x as f64).collect::<Vec<_>>())
}
