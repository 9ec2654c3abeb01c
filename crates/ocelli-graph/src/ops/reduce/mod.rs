//! The reductions of ONNX ([ReduceSum](https://onnx.ai/onnx/operators/onnx__ReduceSum.html) and its nine siblings) over a set of axes.
//!
//! | kind | value over the reduced elements | of an empty set |
//! |---|---|---|
//! | Sum, Mean, Prod | as named | 0, NaN, 1 |
//! | Max, Min | as named; any and all of bools | lowest, highest value |
//! | L1, L2 | sum of magnitudes, root of the sum of squares | 0 |
//! | LogSum, LogSumExp | log of the sum, log of the sum of exponentials | -inf |
//! | SumSquare | sum of squares | 0 |
//!
//! | input | |
//! |---|---|
//! | data | any shape |
//! | axes | `[count]` int64, optional: all axes when omitted or empty, or none when `noop_with_empty_axes` is set |
//!
//! Reduced dimensions stay as 1 with `keepdims`, else vanish.

#[allow(missing_docs, reason = "one function")]
pub mod cases;

mod lower;
mod reference;

use ocelli_tensor::Tensor;
use ocelli_tensor::DType;

use super::bounds::bounded;
use super::numeric::{NUMBERS, axes};

use crate::plan::LowerCx;
use crate::{InferCx, OpError, Operator, TensorType, operator::Outputs};

/// Which reduction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "named as in the standard")]
pub enum ReduceKind {
    Sum,
    Mean,
    Max,
    Min,
    Prod,
    L1,
    L2,
    LogSum,
    LogSumExp,
    SumSquare,
}

impl ReduceKind {
    /// All of them.
    pub const ALL: [ReduceKind; 10] = [
        ReduceKind::Sum,
        ReduceKind::Mean,
        ReduceKind::Max,
        ReduceKind::Min,
        ReduceKind::Prod,
        ReduceKind::L1,
        ReduceKind::L2,
        ReduceKind::LogSum,
        ReduceKind::LogSumExp,
        ReduceKind::SumSquare,
    ];
}

/// A reduction over axes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reduce {
    /// Which reduction.
    pub kind: ReduceKind,
    /// Whether reduced dimensions stay as 1; true is the default of the standard.
    pub keepdims: bool,
    /// Whether empty axes mean none instead of all.
    pub noop_with_empty_axes: bool,
}

impl Reduce {
    /// The axes that are reduced, sorted.
    pub(crate) fn reduced(&self, given: Option<&[i64]>, rank: usize) -> Result<Vec<usize>, OpError> {
        match given {
            None | Some([]) if self.noop_with_empty_axes => Ok(Vec::new()),
            None | Some([]) => Ok((0..rank).collect()),
            Some(given) => axes(given, rank),
        }
    }

    /// The shape of the result.
    pub(crate) fn shape(&self, data: &[usize], reduced: &[usize]) -> Vec<usize> {
        kept_shape(data, reduced, self.keepdims)
    }
}

/// `shape` without the `reduced` axes, or with 1 in their place.
pub(crate) fn kept_shape(shape: &[usize], reduced: &[usize], keepdims: bool) -> Vec<usize> {
    (0..shape.len())
        .filter(|a| keepdims || !reduced.contains(a))
        .map(|a| if reduced.contains(&a) { 1 } else { shape[a] })
        .collect()
}

impl Operator for Reduce {
    fn name(&self) -> &'static str {
        match self.kind {
            ReduceKind::Sum => "ReduceSum",
            ReduceKind::Mean => "ReduceMean",
            ReduceKind::Max => "ReduceMax",
            ReduceKind::Min => "ReduceMin",
            ReduceKind::Prod => "ReduceProd",
            ReduceKind::L1 => "ReduceL1",
            ReduceKind::L2 => "ReduceL2",
            ReduceKind::LogSum => "ReduceLogSum",
            ReduceKind::LogSumExp => "ReduceLogSumExp",
            ReduceKind::SumSquare => "ReduceSumSquare",
        }
    }

    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, OpError> {
        let data = cx.input(0)?;
        if data.dtype == DType::Bool {
            if !matches!(self.kind, ReduceKind::Max | ReduceKind::Min) {
                cx.expect_dtype(0, &NUMBERS)?;
            }
        }
        let given = cx.optional_i64s(1)?;
        let reduced = self.reduced(given.as_deref(), data.rank())?;
        Ok(vec![bounded(data.dtype, self.shape(&data.shape, &reduced))?])
    }

    fn evaluate(&self, inputs: &[Option<Tensor>], _outputs: usize) -> Outputs {
        reference::evaluate(self, inputs)
    }

    fn lower(&self, cx: &mut LowerCx<'_>) -> Result<(), OpError> {
        lower::lower(self, cx)
    }
}
