use super::{Cumulative, CumulativeKind};
use crate::Case;
use crate::ops::util::random_f32;
use ocelli_tensor::Tensor;

/// Cases of CumSum and CumProd: every direction, inner and outer axes.
pub fn cases() -> Vec<Case> {
    let case = |name: &str, kind, exclusive, reverse, axis: i64, shape: &[usize]| {
        let inputs = vec![random_f32(shape, 1), Tensor::scalar(axis)];
        Case::new(name, Cumulative { kind, exclusive, reverse }, inputs).constants_from(1)
    };
    vec![
        case("sum_last", CumulativeKind::Sum, false, false, -1, &[3, 17]),
        case("sum_exclusive", CumulativeKind::Sum, true, false, 1, &[2, 5, 3]),
        case("sum_reverse", CumulativeKind::Sum, false, true, 0, &[7, 4]),
        case("sum_exclusive_reverse", CumulativeKind::Sum, true, true, 1, &[2, 6, 5]),
        case("product", CumulativeKind::Prod, false, false, 1, &[3, 5, 2]),
        case("product_exclusive_reverse", CumulativeKind::Prod, true, true, -1, &[4, 6]),
    ]
}
