use ocelli_shaders::Elem;
use ocelli_shaders::kernels::reduce::{Finish, Fold};
use ocelli_shaders::pointwise::{Arg, Fun};
use ocelli_tensor::{DType, Tensor};

use super::{Reduce, ReduceKind};
use crate::OpError;
use crate::ops::lowering::{Chain, Reduction, lane_shape, reduce};
use crate::plan::{Accepts, LowerCx, View};

pub(super) fn lower(op: &Reduce, cx: &mut LowerCx<'_>) -> Result<(), OpError> {
    let x = cx.input(0)?;
    let dtype = cx.input_type(0)?.dtype;
    let given = cx.constant(1).map(Tensor::to_i64s);
    let reduced = op.reduced(given.as_deref(), x.shape.len())?;
    let extremum = matches!(op.kind, ReduceKind::Max | ReduceKind::Min);
    let exact = matches!(op.kind, ReduceKind::Sum | ReduceKind::Prod | ReduceKind::L1 | ReduceKind::SumSquare);
    let words = exact && matches!(dtype, DType::I32 | DType::U32);
    if x.elem != Elem::F32 && !extremum && !words {
        return Err(OpError::host_only(format!("a sum of {dtype}")));
    }
    let count: usize = reduced.iter().map(|&a| x.shape[a]).product();
    if count == 0 && x.elem != Elem::F32 {
        return Err(OpError::host_only("an empty set of integers"));
    }
    let of = Reduction::of;
    let reduction = match op.kind {
        ReduceKind::Sum => of(Fold::Sum),
        ReduceKind::Mean if count == 0 => return Err(OpError::host_only("the mean of an empty set")),
        ReduceKind::Mean => Reduction { scale: 1.0 / count as f32, ..of(Fold::Sum) },
        ReduceKind::Max => of(Fold::Max),
        ReduceKind::Min => of(Fold::Min),
        ReduceKind::Prod => of(Fold::Prod),
        ReduceKind::L1 => of(Fold::Abs),
        ReduceKind::L2 => Reduction { finish: Finish::Sqrt, ..of(Fold::Square) },
        ReduceKind::LogSum => Reduction { finish: Finish::Log, ..of(Fold::Sum) },
        ReduceKind::LogSumExp => return log_sum_exp(cx, &x, &reduced),
        ReduceKind::SumSquare => of(Fold::Square),
    };
    let out = cx.output(0, Accepts::Dense, &[&x])?;
    reduce(cx, reduction, &x, &reduced, None, &out)
}

/// `log(sum(exp(x - max))) + max`.
fn log_sum_exp(cx: &mut LowerCx<'_>, x: &View, reduced: &[usize]) -> Result<(), OpError> {
    if x.elems() == 0 {
        return Err(OpError::host_only("an empty set"));
    }
    let lanes = lane_shape(&x.shape, reduced);
    let (max, sum) = (cx.scratch(x.elem, &lanes), cx.scratch(x.elem, &lanes));
    reduce(cx, Reduction::of(Fold::Max), x, reduced, None, &max)?;
    let log = Reduction { finish: Finish::Log, ..Reduction::of(Fold::ShiftedExp) };
    reduce(cx, log, x, reduced, Some(&max), &sum)?;
    let out = cx.output(0, Accepts::Dense, &[x])?;
    let mut chain = Chain::new(2);
    chain.step(Fun::Add, &[Arg::Input(0), Arg::Input(1)]);
    let flat = |v: &View| v.reshape(&out.shape).ok_or_else(|| OpError::invalid("dense lanes"));
    cx.pointwise_into(&chain.done(), &[flat(&sum)?, flat(&max)?], &out)
}
