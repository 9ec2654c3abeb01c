use super::{Reduce, ReduceKind};
use crate::Case;
use crate::ops::util::{case_tensor, i64s, random_f32};
use ocelli_tensor::{DType, Tensor};

/// Cases of the reductions: each kind, inner, outer and mixed axes, long and short.
pub fn cases() -> Vec<Case> {
    let case = |name: &str, kind: ReduceKind, keepdims: bool, x: Tensor, axes: &[i64]| {
        let op = Reduce { kind, keepdims, noop_with_empty_axes: false };
        Case::new(name, op, vec![x, i64s(axes)]).constants_from(1)
    };
    let positive = |shape: &[usize], seed: u64| {
        let x: Vec<f64> = random_f32(shape, seed).to_f64s().iter().map(|x| 1.1 + x).collect();
        case_tensor(DType::F32, shape, &x)
    };
    let mut all: Vec<Case> = ReduceKind::ALL
        .into_iter()
        .map(|kind| {
            let name = format!("{kind:?}_middle").to_lowercase();
            case(&name, kind, true, positive(&[2, 5, 3, 7], 1), &[1, -1])
        })
        .collect();
    all.extend([
        case("spatial_mean", ReduceKind::Mean, true, random_f32(&[2, 3, 17, 31], 2), &[2, 3]),
        case("max_first", ReduceKind::Max, false, random_f32(&[6, 5, 4], 3), &[0]),
        case("min_last", ReduceKind::Min, false, random_f32(&[6, 5, 300], 4), &[-1]),
        case("sum_everything", ReduceKind::Sum, false, random_f32(&[3, 70, 41], 5), &[]),
        case("l2_channels", ReduceKind::L2, true, random_f32(&[2, 6, 5, 3], 6), &[1]),
        case("log_sum_exp_long", ReduceKind::LogSumExp, false, random_f32(&[4, 900], 7), &[1]),
        case("sum_of_nothing", ReduceKind::Sum, true, random_f32(&[2, 0, 3], 8), &[1]),
        Case::new(
            "noop",
            Reduce { kind: ReduceKind::SumSquare, keepdims: true, noop_with_empty_axes: true },
            vec![random_f32(&[3, 5], 9)],
        ),
    ]);
    all
}
