use super::RMSNormalization;
use crate::Case;
use crate::ops::util::random_f32;
use ocelli_tensor::DType;

/// Cases of RMSNormalization: the last axis, several axes, long rows.
pub fn cases() -> Vec<Case> {
    let case = |name: &str, axis: i64, shape: &[usize], scale: &[usize]| {
        let op = RMSNormalization { axis, epsilon: 1e-5, stash_type: DType::F32 };
        Case::new(name, op, vec![random_f32(shape, 1), random_f32(scale, 2)]).constants_from(1)
    };
    vec![
        case("last", -1, &[2, 5, 37], &[37]),
        case("two_axes", 2, &[2, 3, 5, 7], &[5, 7]),
        case("long", 1, &[3, 700], &[700]),
    ]
}
