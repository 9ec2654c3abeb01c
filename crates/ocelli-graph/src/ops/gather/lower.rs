use ocelli_shaders::kernels::indexed::{self, Direction};
use ocelli_shaders::{Elem, Params, linear_grid};
use ocelli_tensor::{Tensor, contiguous_strides};

use super::{Gather, GatherKind};
use crate::ops::movement::wrapped_index;
use crate::plan::{Accepts, Dispatch, LowerCx, View};
use crate::{InferCx, OpError};

pub(super) fn lower(op: &Gather, cx: &mut LowerCx<'_>) -> Result<(), OpError> {
    let x = cx.input(0)?;
    let shape = x.shape.clone();
    let index_shape = cx.input_type(1)?.shape.clone();
    if cx.constant(1).is_none() && shape.contains(&0) {
        return Err(OpError::host_only("indices into nothing"));
    }
    match op.kind {
        GatherKind::Gather { axis } => {
            let axis = InferCx::axis(axis, shape.len())?;
            check(cx, |_| shape[axis])?;
            if let Some(view) = as_view(&x, axis, cx.constant(1))? {
                cx.set_output(0, view);
                return Ok(());
            }
            let inner = shape[axis + 1..].iter().product();
            rows(cx, &x, &Rows {
                batches: shape[..axis].iter().product(),
                rows: index_shape.iter().product(),
                inner,
                dims: vec![shape[axis]],
                strides: vec![inner],
                data_batch: shape[axis] * inner,
                index_batch: 0,
            })
        }
        GatherKind::Nd { batch_dims } => {
            let (&k, outer) = index_shape.split_last().ok_or_else(|| OpError::invalid("scalar indices"))?;
            let dims = shape[batch_dims..batch_dims + k].to_vec();
            check(cx, |i| dims[i % k])?;
            if k > indexed::MAX_TUPLE {
                return Err(OpError::host_only(format!("tuples of {k} indices")));
            }
            let strides = contiguous_strides(&shape)[batch_dims..batch_dims + k].to_vec();
            let rows_per_batch: usize = outer[batch_dims..].iter().product();
            rows(cx, &x, &Rows {
                batches: outer[..batch_dims].iter().product(),
                rows: rows_per_batch,
                inner: shape[batch_dims + k..].iter().product(),
                dims,
                strides,
                data_batch: shape[batch_dims..].iter().product(),
                index_batch: rows_per_batch * k,
            })
        }
        GatherKind::Elements { axis } => {
            let axis = InferCx::axis(axis, shape.len())?;
            check(cx, |_| shape[axis])?;
            let x = cx.rows(&x)?;
            let indices = indices(cx)?;
            let out = cx.output(0, Accepts::Dense, &[&x, &indices])?;
            elements(cx, Direction::Gather, &x, &indices, &out, axis)
        }
    }
}

/// Errors when a constant index is out of range; `dim` is the size that index `i` of the tensor goes over.
pub(crate) fn check(cx: &LowerCx<'_>, dim: impl Fn(usize) -> usize) -> Result<(), OpError> {
    let Some(indices) = cx.constant(1) else {
        return Ok(());
    };
    indices.to_i64s().iter().enumerate().try_for_each(|(i, &index)| wrapped_index(index, dim(i)).map(|_| ()))
}

/// The indices, dense on the device.
pub(crate) fn indices(cx: &mut LowerCx<'_>) -> Result<View, OpError> {
    let indices = cx.dense_input(1)?;
    if indices.elem == Elem::I32 { Ok(indices) } else { Err(OpError::host_only("indices that are not signed")) }
}

/// Constant indices that step evenly are a view.
fn as_view(x: &View, axis: usize, indices: Option<&Tensor>) -> Result<Option<View>, OpError> {
    let Some(indices) = indices.filter(|t| t.rank() <= 1 && !t.is_empty()) else {
        return Ok(None);
    };
    let all = indices.to_i64s().iter().map(|&i| wrapped_index(i, x.shape[axis])).collect::<Result<Vec<_>, _>>()?;
    let step = if all.len() > 1 { all[1] as isize - all[0] as isize } else { 1 };
    if all.windows(2).any(|w| w[1] as isize - w[0] as isize != step) {
        return Ok(None);
    }
    let mut view = x.slice(axis, all[0], all.len(), step);
    if indices.rank() == 0 {
        view.shape.remove(axis);
        view.strides.remove(axis);
    }
    Ok(Some(view))
}

/// A call of `gather.rows`; sizes in elements.
struct Rows {
    batches: usize,
    rows: usize,
    inner: usize,
    dims: Vec<usize>,
    strides: Vec<usize>,
    data_batch: usize,
    index_batch: usize,
}

fn rows(cx: &mut LowerCx<'_>, x: &View, call: &Rows) -> Result<(), OpError> {
    let x = cx.dense(x)?;
    let indices = indices(cx)?;
    let out = cx.output(0, Accepts::Dense, &[&x, &indices])?;
    let count = call.batches * call.rows * call.inner;
    if count == 0 {
        return Ok(());
    }
    let mut params = Params::new().u32(count).u32(call.inner).u32(call.rows).u32(call.dims.len());
    params = params.u32(x.offset).u32(call.data_batch).u32(out.offset).u32(indices.offset).u32(call.index_batch).align16();
    let params = tuple(tuple(params, &call.strides), &call.dims);
    cx.dispatch(Dispatch {
        kernel: indexed::rows(x.elem, Direction::Gather),
        params,
        views: &[&x, &indices, &out],
        workgroups: linear_grid(count, indexed::WORKGROUP),
        flops: 0,
    })
}

/// Appends an `array<vec4<u32>, 2>`.
pub(crate) fn tuple(mut params: Params, values: &[usize]) -> Params {
    for j in 0..indexed::MAX_TUPLE {
        params = params.u32(values.get(j).copied().unwrap_or(0));
    }
    params
}

/// Moves between `data` at the places that `indices` tell along `axis` and `values`, both dense but for `data`.
/// `from` and `to` are data and values, or the reverse.
pub(crate) fn elements(
    cx: &mut LowerCx<'_>,
    direction: Direction,
    from: &View,
    indices: &View,
    to: &View,
    axis: usize,
) -> Result<(), OpError> {
    let (data, values) = if direction == Direction::Gather { (from, to) } else { (to, from) };
    let rank = data.shape.len();
    let count = indices.elems();
    let Some(front) = indexed::MAX_RANK.checked_sub(rank) else {
        return Err(OpError::host_only(format!("{rank} dimensions")));
    };
    if count == 0 {
        return Ok(());
    }
    let stride = |d: usize| usize::try_from(data.strides[d]).map_err(|_| OpError::invalid("a negative stride"));
    let mut params = Params::new().u32(count).u32(stride(axis)?).u32(data.shape[axis]).u32(data.offset);
    params = params.u32(values.offset).u32(indices.offset).align16();
    for d in 0..indexed::MAX_RANK {
        params = params.u32(d.checked_sub(front).map_or(1, |d| indices.shape[d]));
    }
    for d in 0..indexed::MAX_RANK {
        params = params.u32(match d.checked_sub(front) {
            Some(d) if d != axis => stride(d)?,
            _ => 0,
        });
    }
    cx.dispatch(Dispatch {
        kernel: indexed::elements(data.elem, direction),
        params,
        views: &[from, indices, to],
        workgroups: linear_grid(count, indexed::WORKGROUP),
        flops: 0,
    })
}
