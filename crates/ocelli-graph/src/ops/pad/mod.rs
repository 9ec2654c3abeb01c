//! [Pad](https://onnx.ai/onnx/operators/onnx__Pad.html): more elements at the beginnings and ends of some dimensions;
//! negative pads crop, before anything is added.
//!
//! | | shape |
//! |---|---|
//! | data | `[d0, ..., dr]` |
//! | pads | `[2 k]`: all beginnings, then all ends |
//! | constant_value | one element, optional: 0 |
//! | axes | `[k]`, optional: all dimensions |
//! | output | `[begin0 + d0 + end0, ...]` |

#[allow(missing_docs, reason = "one function")]
pub mod cases;
mod lower;
mod reference;

pub(crate) use lower::crop_and_pad;
use ocelli_tensor::Tensor;

use super::bounds::bounded;
use super::movement::{self, dimension};
use crate::plan::LowerCx;
use crate::{InferCx, OpError, Operator, TensorType, operator::Outputs};

/// What lies in the pads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PadMode {
    /// A constant.
    #[default]
    Constant,
    /// The mirror image, without the edge itself.
    Reflect,
    /// The edge.
    Edge,
    /// The other end.
    Wrap,
}

/// Attributes of Pad.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pad {
    /// What lies in the pads.
    pub mode: PadMode,
}

/// How one dimension is padded: `crop` elements are dropped in front, `len` are kept, and the first of them lands at
/// `begin` of `out`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Axis {
    pub crop: usize,
    pub len: usize,
    pub begin: usize,
    pub out: usize,
}

impl Axis {
    /// Where element `i` of the output comes from; `None` where the constant is.
    pub(crate) fn source(&self, i: usize, mode: PadMode) -> Option<usize> {
        let at = i as i64 - self.begin as i64;
        let n = self.len as i64;
        let inside = (0..n).contains(&at);
        let at = match mode {
            _ if inside => at,
            PadMode::Constant => return None,
            _ if n == 0 => return None,
            PadMode::Edge => at.clamp(0, n - 1),
            PadMode::Wrap => at.rem_euclid(n),
            PadMode::Reflect if n == 1 => 0,
            PadMode::Reflect => {
                let m = at.rem_euclid(2 * (n - 1));
                m.min(2 * (n - 1) - m)
            }
        };
        Some(self.crop + at as usize)
    }
}

impl Pad {
    /// The dimensions of an input of `shape`.
    pub(crate) fn resolved(&self, shape: &[usize], pads: &[i64], axes: Option<&[i64]>) -> Result<Vec<Axis>, OpError> {
        let axes = match axes {
            Some(a) => movement::axes(a, shape.len())?,
            None => (0..shape.len()).collect(),
        };
        if pads.len() != 2 * axes.len() {
            return Err(OpError::invalid(format!("{} pads for {} axes", pads.len(), axes.len())));
        }
        let mut all: Vec<Axis> = shape.iter().map(|&d| Axis { crop: 0, len: d, begin: 0, out: d }).collect();
        for (i, &axis) in axes.iter().enumerate() {
            let (begin, end) = (pads[i], pads[axes.len() + i]);
            let d = shape[axis] as i64;
            let crop = begin.min(0).saturating_neg();
            let len = d.saturating_sub(crop).saturating_add(end.min(0));
            if len < 0 {
                return Err(OpError::invalid(format!("pads {begin} and {end} leave nothing of a dimension of {d}")));
            }
            let (begin, end) = (dimension(begin.max(0))?, dimension(end.max(0))?);
            if len == 0 && begin + end > 0 && self.mode != PadMode::Constant {
                return Err(OpError::invalid(format!("an empty dimension has nothing to pad with ({:?})", self.mode)));
            }
            all[axis] = Axis { crop: crop as usize, len: len as usize, begin, out: len as usize + begin + end };
        }
        Ok(all)
    }
}

impl Operator for Pad {
    fn name(&self) -> &'static str {
        "Pad"
    }

    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, OpError> {
        let x = cx.input(0)?;
        let pads = cx.constant(1)?.to_i64s();
        if let Some(value) = cx.optional(2) {
            if value.dtype != x.dtype || value.elems() != 1 {
                return Err(OpError::invalid(format!("expected one {} as constant_value, got {value}", x.dtype)));
            }
        }
        let axes = self.resolved(&x.shape, &pads, cx.optional_i64s(3)?.as_deref())?;
        Ok(vec![bounded(x.dtype, axes.iter().map(|a| a.out).collect::<Vec<_>>())?])
    }

    fn evaluate(&self, inputs: &[Option<Tensor>], _outputs: usize) -> Outputs {
        reference::evaluate(self, inputs)
    }

    fn lower(&self, cx: &mut LowerCx<'_>) -> Result<(), OpError> {
        lower::lower(self, cx)
    }
}
