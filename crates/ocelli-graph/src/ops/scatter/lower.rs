use ocelli_shaders::kernels::indexed::{self, Direction};
use ocelli_shaders::{Params, linear_grid};
use ocelli_tensor::contiguous_strides;

use super::{Reduction, Scatter, ScatterKind};
use crate::ops::gather::{check, elements, indices, tuple};
use crate::plan::{Accepts, Dispatch, LowerCx};
use crate::{InferCx, OpError};

/// A copy of the data, then the updates on top.
pub(super) fn lower(op: &Scatter, cx: &mut LowerCx<'_>) -> Result<(), OpError> {
    if op.reduction != Reduction::None {
        return Err(OpError::host_only("updates that are combined"));
    }
    let x = cx.input(0)?;
    let shape = x.shape.clone();
    let axis = match op.kind {
        ScatterKind::Elements { axis } => {
            if shape.len() > indexed::MAX_RANK {
                return Err(OpError::host_only(format!("{} dimensions", shape.len())));
            }
            InferCx::axis(axis, shape.len())?
        }
        ScatterKind::Nd => 0,
    };
    let index_shape = cx.input_type(1)?.shape.clone();
    let k = index_shape.last().copied().unwrap_or(0);
    match op.kind {
        ScatterKind::Elements { .. } => check(cx, |_| shape[axis])?,
        ScatterKind::Nd => check(cx, |i| shape[i % k.max(1)])?,
    }
    if k > indexed::MAX_TUPLE && op.kind == ScatterKind::Nd {
        return Err(OpError::host_only(format!("tuples of {k} indices")));
    }
    let indices = indices(cx)?;
    let updates = cx.dense_input(2)?;
    let out = cx.output(0, Accepts::Dense, &[&x, &indices, &updates])?;
    cx.copy(&x, &out)?;
    if matches!(op.kind, ScatterKind::Elements { .. }) {
        return elements(cx, Direction::Scatter, &updates, &indices, &out, axis);
    }
    let count = updates.elems();
    if count == 0 {
        return Ok(());
    }
    let inner: usize = shape[k..].iter().product();
    let params = Params::new().u32(count).u32(inner).u32(count / inner).u32(k);
    let params = params.u32(out.offset).u32(0).u32(updates.offset).u32(indices.offset).u32(0).align16();
    let params = tuple(tuple(params, &contiguous_strides(&shape)[..k]), &shape[..k]);
    cx.dispatch(Dispatch {
        kernel: indexed::rows(updates.elem, Direction::Scatter),
        params,
        views: &[&updates, &indices, &out],
        workgroups: linear_grid(count, indexed::WORKGROUP),
        flops: 0,
    })
}
