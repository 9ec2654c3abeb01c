//! AffineGrid: the sampling positions of an affine map, for GridSample.

use ocelli_graph::ValueId;
use ocelli_tensor::Tensor;

use crate::ImportError;
use crate::call::call;
use crate::node::{Converted, NodeCx};
use crate::ops::Convert;

pub(super) const OPS: &[(&str, Convert)] = &[("AffineGrid", affine_grid)];

/// `grid[n, (d,) h, w] = theta[n] · (x, y, (z,) 1)` with coordinates in -1..1.
fn affine_grid(cx: &mut NodeCx<'_>) -> Converted {
    let align_corners = cx.attributes().flag("align_corners", false)?;
    let (theta, size) = (cx.input(0)?, cx.input(1)?);
    let spatial = match (
        cx.constant_input(1).map(|size| size.len()),
        cx.declared_dim(1, 0),
        cx.declared_dim(0, 1),
    ) {
        (Some(4), ..) | (None, Some(4), _) | (None, None, Some(2)) => 2i64,
        (Some(5), ..) | (None, Some(5), _) | (None, None, Some(3)) => 3,
        _ => return Err(cx.unsupported("a size of which not even the length is known")),
    };
    // Position of each output pixel along the axes, broadcast against each other; x comes first in the result.
    let mut positions = Vec::new();
    let start = cx.i64s(&[2])?;
    let end = cx.i64s(&[2 + spatial])?;
    let spatial_size = cx.apply(call("Slice"), &[size, start, end])?;
    let last = cx.i64s(&[1])?;
    let full = cx.apply(call("Concat").int("axis", 0), &[spatial_size, last])?;
    for axis in (0..spatial).rev() {
        let index = cx.constant(Tensor::scalar(2 + axis))?;
        let length = cx.apply(call("Gather").int("axis", 0), &[size, index])?;
        let along = coordinates(cx, length, align_corners)?;
        // [length] becomes [length, 1, ..., 1]: the axes behind it and the one of the coordinates.
        let mut shape = vec![1; usize::try_from(spatial - axis).unwrap_or(0) + 1];
        if let Some(first) = shape.first_mut() {
            *first = -1;
        }
        let shape = cx.i64s(&shape)?;
        let column = cx.apply(call("Reshape"), &[along, shape])?;
        positions.push(cx.apply(call("Expand"), &[column, full])?);
    }
    let one = cx.constant(Tensor::scalar(1f32))?;
    positions.push(cx.apply(call("Expand"), &[one, full])?);
    let base = cx.apply(call("Concat").int("axis", -1), &positions)?;
    let flat = cx.i64s(&[1, -1, spatial + 1])?;
    let base = cx.apply(call("Reshape"), &[base, flat])?;
    let wide = cx.widened(theta)?;
    let map = cx.apply(call("Transpose").ints("perm", &[0, 2, 1]), &[wide])?;
    let grid = cx.apply(call("MatMul"), &[base, map])?;
    let batch = cx.apply(call("Shape").int("end", 1), &[theta])?;
    let components = cx.i64s(&[spatial])?;
    let shape = cx.apply(
        call("Concat").int("axis", 0),
        &[batch, spatial_size, components],
    )?;
    let grid = cx.apply(call("Reshape"), &[grid, shape])?;
    cx.finish_like(0, grid, theta)
}

/// `length` positions from -1 to 1: of the outermost pixels' centres, or of their outer borders.
fn coordinates(
    cx: &mut NodeCx<'_>,
    length: ValueId,
    align_corners: bool,
) -> Result<ValueId, ImportError> {
    let float = |cx: &mut NodeCx<'_>, x| cx.apply(call("Cast").int("to", 1), &[x]);
    let zero = cx.constant(Tensor::scalar(0i64))?;
    let one = cx.constant(Tensor::scalar(1i64))?;
    let two = cx.constant(Tensor::scalar(2i64))?;
    let index = cx.apply(call("Range"), &[zero, length, one])?;
    let mut twice = cx.apply(call("Mul"), &[index, two])?;
    let mut steps = length;
    if align_corners {
        steps = cx.apply(call("Sub"), &[length, one])?;
        steps = cx.apply(call("Max"), &[steps, one])?;
    } else {
        twice = cx.apply(call("Add"), &[twice, one])?;
    }
    let (twice, steps) = (float(cx, twice)?, float(cx, steps)?);
    let ratio = cx.apply(call("Div"), &[twice, steps])?;
    let offset = cx.constant(Tensor::scalar(1f32))?;
    cx.apply(call("Sub"), &[ratio, offset])
}
