use ocelli_tensor::{DType, Tensor};

use super::{Reduce, ReduceKind};
use crate::operator::Outputs;
use crate::ops::numeric::{from_integers, gather_lanes, integers, result};
use crate::ops::util::{optional, required};

pub(super) fn evaluate(op: &Reduce, inputs: &[Option<Tensor>]) -> Outputs {
    let x = required(inputs, 0)?;
    let given = optional(inputs, 1).map(Tensor::to_i64s);
    let reduced = op.reduced(given.as_deref(), x.rank())?;
    let kept: Vec<usize> = (0..x.rank()).filter(|a| !reduced.contains(a)).collect();
    let shape = op.shape(x.shape(), &reduced);
    let exact = !x.dtype().is_float()
        && !matches!(op.kind, ReduceKind::L2 | ReduceKind::LogSum | ReduceKind::LogSumExp);
    if exact {
        let (values, mut y) = (integers(x), Vec::new());
        gather_lanes(x.shape(), &kept, &reduced, |lane| {
            y.push(whole(op.kind, x.dtype(), lane.iter().map(|&i| values[i])));
        });
        return Ok(vec![from_integers(x.dtype(), &shape, &y)?]);
    }
    let (values, mut y) = (x.to_f64s(), Vec::new());
    gather_lanes(x.shape(), &kept, &reduced, |lane| {
        y.push(real(op.kind, lane.iter().map(|&i| values[i])));
    });
    result(x.dtype(), &shape, &y)
}

fn real(kind: ReduceKind, x: impl ExactSizeIterator<Item = f64> + Clone) -> f64 {
    // The maximum and minimum keep a NaN, as the sums do.
    let max = |a: f64, b: f64| if a.is_nan() || a > b { a } else { b };
    let min = |a: f64, b: f64| if a.is_nan() || a < b { a } else { b };
    match kind {
        ReduceKind::Sum => x.sum::<f64>() + 0.0,
        ReduceKind::Mean => x.clone().sum::<f64>() / x.len() as f64,
        ReduceKind::Max => x.fold(f64::NEG_INFINITY, max),
        ReduceKind::Min => x.fold(f64::INFINITY, min),
        ReduceKind::Prod => x.product(),
        ReduceKind::L1 => x.map(f64::abs).sum::<f64>() + 0.0,
        ReduceKind::L2 => (x.map(|x| x * x).sum::<f64>() + 0.0).sqrt(),
        ReduceKind::LogSum => (x.sum::<f64>() + 0.0).ln(),
        ReduceKind::LogSumExp => {
            let top = x.clone().fold(f64::NEG_INFINITY, max);
            let shift = if top.is_finite() { top } else { 0.0 };
            (x.map(|x| (x - shift).exp()).sum::<f64>() + 0.0).ln() + shift
        }
        ReduceKind::SumSquare => x.map(|x| x * x).sum::<f64>() + 0.0,
    }
}

fn whole(kind: ReduceKind, dtype: DType, x: impl ExactSizeIterator<Item = i128>) -> i128 {
    let (low, high) = range(dtype);
    let n = x.len() as i128;
    let add = |a: i128, b: i128| a.wrapping_add(b);
    match kind {
        ReduceKind::Max => x.max().unwrap_or(low),
        ReduceKind::Min => x.min().unwrap_or(high),
        ReduceKind::Prod => x.fold(1, |a: i128, b| i128::from((a as i64).wrapping_mul(b as i64))),
        ReduceKind::L1 => x.map(i128::abs).fold(0, add),
        ReduceKind::SumSquare => x.map(|x| x.wrapping_mul(x)).fold(0, add),
        ReduceKind::Mean => x.fold(0, add).checked_div(n).unwrap_or(0),
        _ => x.fold(0, add),
    }
}

/// The lowest and highest value of an integer type or bool.
fn range(dtype: DType) -> (i128, i128) {
    let bits = dtype.size_bytes() as u32 * 8;
    match dtype {
        DType::Bool => (0, 1),
        d if d.is_signed() => (-(1i128 << (bits - 1)), (1i128 << (bits - 1)) - 1),
        _ => (0, (1i128 << bits) - 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_and_empty_sets() {
        let reduce = |kind| Reduce { kind, keepdims: false, noop_with_empty_axes: false };
        let run = |kind, x: Tensor| evaluate(&reduce(kind), &[Some(x)]).unwrap().remove(0);
        let u8s = Tensor::vector(vec![200u8, 100, 3]);
        assert_eq!(run(ReduceKind::Max, u8s.clone()), Tensor::scalar(200u8));
        assert_eq!(run(ReduceKind::Min, u8s), Tensor::scalar(3u8));
        let big = Tensor::vector(vec![(1i64 << 60) + 1, 2]);
        assert_eq!(run(ReduceKind::Sum, big), Tensor::scalar((1i64 << 60) + 3));
        let none = Tensor::vector(Vec::<f32>::new());
        assert_eq!(run(ReduceKind::LogSumExp, none.clone()), Tensor::scalar(f32::NEG_INFINITY));
        assert_eq!(run(ReduceKind::Max, none.clone()), Tensor::scalar(f32::NEG_INFINITY));
        assert_eq!(run(ReduceKind::Sum, none), Tensor::scalar(0.0f32));
        assert_eq!(run(ReduceKind::Max, Tensor::vector(Vec::<i32>::new())), Tensor::scalar(i32::MIN));
    }
}
