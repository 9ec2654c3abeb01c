use super::Expand;
use crate::Case;
use crate::ops::util::{i64s, random_f32};

/// Cases of Expand.
pub fn cases() -> Vec<Case> {
    let case = |name: &str, x: &[usize], shape: &[i64]| {
        Case::new(name, Expand, vec![random_f32(x, 1), i64s(shape)]).constants_from(1)
    };
    vec![
        case("more_dimensions", &[3, 1], &[2, 1, 5]),
        case("keeps_with_ones", &[2, 3, 4], &[1, 1, 1]),
        case("both_sides", &[3, 1, 5], &[3, 7, 1]),
        case("scalar", &[], &[4, 3]),
    ]
}
