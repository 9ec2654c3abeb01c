use ocelli_tensor::DType;

use super::{Reshape, ReshapeKind};
use crate::Case;
use crate::ops::movement::iota;
use crate::ops::util::{i64s, random_f32};

/// Cases of the reshaping operators.
pub fn cases() -> Vec<Case> {
    let x = || random_f32(&[2, 3, 1, 5], 1);
    let case = |name: &str, kind: ReshapeKind, inputs| Case::new(name, Reshape { kind }, inputs).constants_from(1);
    let reshape = ReshapeKind::Reshape { allow_zero: false };
    vec![
        case("open_dimension", reshape, vec![x(), i64s(&[0, -1])]),
        case("more_dimensions", reshape, vec![x(), i64s(&[5, 1, 3, 2, 1])]),
        case("uint8", reshape, vec![iota(DType::U8, &[4, 6]), i64s(&[3, 8])]),
        case("flatten", ReshapeKind::Flatten { axis: 1 }, vec![x()]),
        case("flatten_negative", ReshapeKind::Flatten { axis: -1 }, vec![x()]),
        case("squeeze", ReshapeKind::Squeeze, vec![x(), i64s(&[-2])]),
        case("squeeze_all", ReshapeKind::Squeeze, vec![x()]),
        case("unsqueeze", ReshapeKind::Unsqueeze, vec![x(), i64s(&[-1, 0, 3])]),
    ]
}
