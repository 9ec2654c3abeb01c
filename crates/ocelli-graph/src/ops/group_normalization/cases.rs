use super::GroupNormalization;
use crate::Case;
use crate::ops::util::random_f32;
use ocelli_tensor::DType;

/// Cases of GroupNormalization: several groupings, parameters per channel and per group.
pub fn cases() -> Vec<Case> {
    let case = |name: &str, num_groups: usize, shape: &[usize], scale: usize| {
        let inputs = vec![random_f32(shape, 1), random_f32(&[scale], 2), random_f32(&[scale], 3)];
        let op = GroupNormalization { epsilon: 1e-5, num_groups, stash_type: DType::F32 };
        Case::new(name, op, inputs).constants_from(1)
    };
    vec![
        case("three_groups", 3, &[2, 6, 5, 7], 6),
        case("one_group", 1, &[1, 10, 9, 14], 10),
        case("each_channel", 5, &[2, 5, 11], 5),
        case("per_group_parameters", 2, &[2, 6, 4, 3], 2),
    ]
}
