//! [Slice](https://onnx.ai/onnx/operators/onnx__Slice.html): every `step`-th element of some dimensions from `start`
//! (inclusive) to `end` (exclusive); negative steps run backwards.
//!
//! | | shape |
//! |---|---|
//! | data | `[d0, ..., dr]` |
//! | starts, ends | `[k]`, clamped to the dimension; negative ones count from the back |
//! | axes, steps | `[k]`, optional: the first `k` axes, steps of 1 |
//! | output | `data` with `ceil((end - start) / step)` along each axis |

#[allow(missing_docs, reason = "one function")]
pub mod cases;
mod lower;
mod reference;

use ocelli_tensor::Tensor;

use super::movement;
use crate::plan::LowerCx;
use crate::{InferCx, OpError, Operator, TensorType, operator::Outputs};

/// Slice has no attributes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Slice;

/// The part of one dimension.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Range {
    /// First element.
    pub start: usize,
    /// Number of elements.
    pub len: usize,
    /// Distance between them.
    pub step: isize,
}

/// The part of a dimension of `dim` elements, by the clamping rules of the standard.
pub(crate) fn range(start: i64, end: i64, step: i64, dim: usize) -> Result<Range, OpError> {
    if step == 0 {
        return Err(OpError::invalid("a step of 0"));
    }
    let n = dim as i64;
    let wrap = |x: i64| if x < 0 { x.saturating_add(n) } else { x };
    let (start, end) = if step > 0 {
        (wrap(start).clamp(0, n), wrap(end).clamp(0, n))
    } else {
        (wrap(start).clamp(0, (n - 1).max(0)), wrap(end).clamp(-1, (n - 1).max(0)))
    };
    let distance = if step > 0 { end - start } else { start - end };
    let len = if dim == 0 || distance <= 0 { 0 } else { (distance as u64).div_ceil(step.unsigned_abs()) as usize };
    let start = if len == 0 { 0 } else { start as usize };
    // A step that leaves the dimension at once may be anything.
    let step = if len <= 1 { 1 } else { step as isize };
    Ok(Range { start, len, step })
}

/// The part of every dimension of `shape`.
pub(crate) fn ranges(shape: &[usize], starts: &[i64], ends: &[i64], axes: Option<&[i64]>, steps: Option<&[i64]>) -> Result<Vec<Range>, OpError> {
    let k = starts.len();
    if ends.len() != k || axes.is_some_and(|a| a.len() != k) || steps.is_some_and(|s| s.len() != k) || k > shape.len() {
        return Err(OpError::invalid(format!("starts, ends, axes and steps of rank {} differ in length", shape.len())));
    }
    let axes = match axes {
        Some(a) => movement::axes(a, shape.len())?,
        None => (0..k).collect(),
    };
    let mut all: Vec<Range> = shape.iter().map(|&len| Range { start: 0, len, step: 1 }).collect();
    for (i, &axis) in axes.iter().enumerate() {
        all[axis] = range(starts[i], ends[i], steps.map_or(1, |s| s[i]), shape[axis])?;
    }
    Ok(all)
}

impl Operator for Slice {
    fn name(&self) -> &'static str {
        "Slice"
    }

    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, OpError> {
        let x = cx.input(0)?;
        let (starts, ends) = (cx.constant(1)?.to_i64s(), cx.constant(2)?.to_i64s());
        let (axes, steps) = (cx.optional_i64s(3)?, cx.optional_i64s(4)?);
        let parts = ranges(&x.shape, &starts, &ends, axes.as_deref(), steps.as_deref())?;
        Ok(vec![TensorType::new(x.dtype, parts.iter().map(|r| r.len).collect::<Vec<_>>())])
    }

    fn evaluate(&self, inputs: &[Option<Tensor>], _outputs: usize) -> Outputs {
        reference::evaluate(inputs)
    }

    fn lower(&self, cx: &mut LowerCx<'_>) -> Result<(), OpError> {
        lower::lower(cx)
    }
}
