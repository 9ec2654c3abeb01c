//! Operators that move elements.

use super::field::{Dim, Factor, Field, Ratio, Simple, Track};
use super::places::{Found, Place, Result, expect_free, resized_free};
use crate::InferCx;
use crate::ops::center_crop_pad::CenterCropPad;
use crate::ops::depth_to_space::{DepthSpaceKind, DepthToSpace};
use crate::ops::pad::{Axis, Pad, PadMode};
use crate::ops::resize::{CoordinateMode, Request, Resize, ResizeMode};
use crate::ops::slice::{Range, ranges};
use crate::ops::transpose::Transpose;

fn text(e: crate::OpError) -> String {
    e.to_string()
}

pub(super) fn concat(p: &Place<'_>, axis: i64) -> Result<Field> {
    let shape = p.output(0)?;
    let axis = InferCx::axis(axis, shape.len()).map_err(text)?;
    let mut out = Field::same(shape);
    for i in 0..p.node.inputs.len() {
        let x = p.field(i)?;
        for (d, dim) in x.0.iter().enumerate().filter(|(_, dim)| !dim.0.is_empty()) {
            if d != axis {
                out.0[d] = out.0[d].merged(dim)?;
            } else if !dim.is_free() {
                return Err("it puts pictures beside each other".to_owned());
            }
        }
    }
    out.0[axis] = Dim::free(shape[axis]);
    Ok(out)
}

pub(super) fn depth_to_space(p: &Place<'_>, op: &DepthToSpace) -> Result<Field> {
    let (x, shape, b) = (p.field(0)?, p.output(0)?, op.blocksize);
    expect_free(&x.0[1], "channels")?;
    let mut dims = vec![x.0[0].clone(), Dim::free(shape[1])];
    for d in 2..4 {
        dims.push(match x.0[d].simple()? {
            Simple::Same(_) | Simple::Free(_) => Dim::free(shape[d]),
            Simple::Along(t) if op.kind == DepthSpaceKind::SpaceToDepth => Dim::along(grouped(&t, b)),
            Simple::Along(t) => Dim::along(t.map(shape[d], t.rate.times(b as u64, 1), |o, add| add((o / b) as i64))),
        });
    }
    Ok(Field(dims))
}

/// Groups of `n` neighbours, which become one element each.
fn grouped(t: &Track, n: usize) -> Track {
    t.map(t.cells.len() / n.max(1), t.rate.times(1, n as u64), |o, add| (0..n).for_each(|k| add((o * n + k) as i64)))
}

pub(super) fn pad(p: &Place<'_>, op: &Pad) -> Result<Field> {
    let pads = p.ints(1).ok_or("pads that are computed")?;
    let axes = op.resolved(p.shape(0)?, &pads, p.ints(3).as_deref()).map_err(text)?;
    padded(&p.field(0)?, &axes, op.mode)
}

pub(super) fn center_crop_pad(p: &Place<'_>, op: &CenterCropPad) -> Result<Field> {
    let wanted = p.ints(1).ok_or("a shape that is computed")?;
    padded(&p.field(0)?, &op.resolved(p.shape(0)?, &wanted).map_err(text)?, PadMode::Constant)
}

fn padded(x: &Field, axes: &[Axis], mode: PadMode) -> Result<Field> {
    let one = |(dim, axis): (&Dim, &Axis)| {
        if axis.begin == 0 && axis.crop == 0 && axis.out == dim.len() {
            return Ok(dim.clone());
        }
        let t = match dim.simple()? {
            Simple::Same(_) | Simple::Free(_) => return Ok(Dim::free(axis.out)),
            Simple::Along(t) => t,
        };
        if mode == PadMode::Wrap {
            return Err("one border of the picture goes on at the other".to_owned());
        }
        let mut out = t.map(axis.out, t.rate, |o, add| {
            if let Some(i) = axis.source(o, mode) {
                add(i as i64);
            }
        });
        for (o, cell) in out.cells.iter_mut().enumerate() {
            cell.before |= o < axis.begin;
            cell.after |= o >= axis.begin + axis.len;
        }
        Ok(Dim::along(out))
    };
    Ok(Field(x.0.iter().zip(axes).map(one).collect::<Result<_>>()?))
}

/// Factors of the old dimensions, one after the other, dealt out to the new ones. Rows that are split become blocks of rows
/// and free places within a block.
pub(super) fn reshape(x: &Field, shape: &[usize]) -> Result<Field> {
    let mut left: Vec<Factor> = x.0.iter().flat_map(|d| d.0.iter().cloned()).rev().collect();
    let mixed = || "it mixes rows and columns of the picture".to_owned();
    let mut out = Vec::with_capacity(shape.len());
    for &n in shape {
        let mut dim = Dim::default();
        while dim.len() < n {
            let factor = left.pop().ok_or_else(mixed)?;
            let need = n / dim.len();
            let len = factor.len();
            if n % dim.len() != 0 || (need % len != 0 && len % need != 0) {
                return Err(mixed());
            }
            if len <= need {
                dim.0.push(factor);
                continue;
            }
            let inner = len / need;
            let (outer, rest) = match factor {
                Factor::Same(_) => (Factor::Same(need), Factor::Same(inner)),
                Factor::Free(_) => (Factor::Free(need), Factor::Free(inner)),
                Factor::Along(t) => (Factor::Along(grouped(&t, inner)), Factor::Free(inner)),
            };
            dim.0.push(outer);
            left.push(rest);
        }
        out.push(dim);
    }
    if left.is_empty() { Ok(Field(out)) } else { Err(mixed()) }
}

pub(super) fn resize(p: &Place<'_>, op: &Resize) -> Result<Field> {
    let axes = op.resolved(p.shape(0)?, &Request::new(|i| p.constant(i))).map_err(text)?;
    let x = p.field(0)?;
    let one = |(dim, axis): (&Dim, &crate::ops::resize::taps::Axis)| {
        if axis.is_identity(op) {
            return Ok(dim.clone());
        }
        let t = match dim.simple()? {
            Simple::Same(_) => return Ok(Dim::same(axis.output)),
            Simple::Free(_) => return Ok(Dim::free(axis.output)),
            Simple::Along(t) => t,
        };
        match op.coordinate_transformation_mode {
            CoordinateMode::AlignCorners | CoordinateMode::TfCropAndResize => {
                return Err("the places that it looks at depend on the size of the picture".to_owned());
            }
            _ if axis.width != axis.output as f64 => {
                return Err("it resizes to a size that is rounded".to_owned());
            }
            _ => {}
        }
        let (input, output) = (axis.input, axis.output);
        let rate: Ratio = t.rate.times(output as u64, input as u64);
        let mut out = t.map(output, rate, |o, add| {
            axis.taps(o, op).into_iter().flatten().for_each(|(i, _)| add(i as i64));
        });
        // Places beyond a border have been taken as those at the border: count these as spoiled where that may be.
        if op.mode != ResizeMode::Nearest || output < input {
            for (o, cell) in out.cells.iter_mut().enumerate() {
                let taps = axis.taps(o, op).unwrap_or_default();
                cell.before |= taps.first().is_some_and(|t| t.0 == 0);
                cell.after |= taps.last().is_some_and(|t| t.0 + 1 == input);
            }
        }
        Ok(Dim::along(out))
    };
    Ok(Field(x.0.iter().zip(&axes).map(one).collect::<Result<_>>()?))
}

pub(super) fn slice(p: &Place<'_>) -> Result<Field> {
    let computed = || "places that are computed".to_owned();
    let (starts, ends) = (p.ints(1).ok_or_else(computed)?, p.ints(2).ok_or_else(computed)?);
    let parts = ranges(p.shape(0)?, &starts, &ends, p.ints(3).as_deref(), p.ints(4).as_deref()).map_err(text)?;
    let x = p.field(0)?;
    Ok(Field(x.0.iter().zip(&parts).map(|(d, r)| part(d, r)).collect::<Result<_>>()?))
}

fn part(dim: &Dim, range: &Range) -> Result<Dim> {
    if range.step == 1 && range.len == dim.len() {
        return Ok(dim.clone());
    }
    match dim.simple()? {
        Simple::Same(_) | Simple::Free(_) => Ok(resized_free(dim, range.len)),
        Simple::Along(_) if range.step < 1 => Err("it turns the picture around".to_owned()),
        Simple::Along(t) => {
            let step = range.step as usize;
            let rate = t.rate.times(1, step as u64);
            Ok(Dim::along(t.map(range.len, rate, |o, add| add((range.start + o * step) as i64))))
        }
    }
}

pub(super) fn split(p: &Place<'_>, axis: i64) -> Result<Found> {
    let x = p.field(0)?;
    let axis = InferCx::axis(axis, x.0.len()).map_err(text)?;
    if !x.0[axis].is_free() {
        return Err("it cuts the picture into parts".to_owned());
    }
    let mut outputs = Vec::new();
    for id in &p.node.outputs {
        let ty = id.and_then(|id| p.graph.ty(id));
        let mut field = x.clone();
        if let Some(ty) = ty {
            field.0[axis] = resized_free(&x.0[axis], ty.shape[axis]);
        }
        outputs.push(field);
    }
    Ok(Found { outputs, global: None })
}

pub(super) fn transpose(p: &Place<'_>, op: &Transpose) -> Result<Field> {
    let x = p.field(0)?;
    let perm = op.resolved(x.0.len()).map_err(text)?;
    Ok(Field(perm.into_iter().map(|i| x.0[i].clone()).collect()))
}

pub(super) fn tile(p: &Place<'_>) -> Result<Field> {
    let (x, shape) = (p.field(0)?, p.output(0)?);
    let one = |(dim, &n): (&Dim, &usize)| match dim.len() == n {
        true => Ok(dim.clone()),
        false if dim.is_free() => Ok(resized_free(dim, n)),
        false => Err("it repeats the picture".to_owned()),
    };
    Ok(Field(x.0.iter().zip(shape).map(one).collect::<Result<_>>()?))
}

/// Constant numbers along a free axis, or places in a table.
pub(super) fn gather(p: &Place<'_>, axis: i64) -> Result<Field> {
    let (x, indices) = (p.field(0)?, p.field(1)?);
    let axis = InferCx::axis(axis, x.0.len()).map_err(text)?;
    if !x.0[axis].is_free() {
        return Err("it picks rows or columns of the picture by number".to_owned());
    }
    if !x.is_free() && !indices.is_free() {
        return Err("it looks at places that are computed".to_owned());
    }
    let mut dims = x.0[..axis].to_vec();
    dims.extend(indices.0);
    dims.extend_from_slice(&x.0[axis + 1..]);
    Ok(Field(dims))
}
