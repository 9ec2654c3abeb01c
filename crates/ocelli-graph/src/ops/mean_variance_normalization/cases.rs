use super::MeanVarianceNormalization;
use crate::Case;
use crate::ops::util::random_f32;

/// Cases of MeanVarianceNormalization: the default axes, per image, per row.
pub fn cases() -> Vec<Case> {
    let case = |name: &str, axes: &[i64], shape: &[usize]| {
        Case::new(name, MeanVarianceNormalization { axes: axes.to_vec() }, vec![random_f32(shape, 1)])
    };
    vec![
        case("default", &[0, 2, 3], &[3, 4, 5, 7]),
        case("per_image", &[1, 2, 3], &[2, 3, 9, 11]),
        case("per_row", &[-1], &[5, 90]),
    ]
}
