use super::LayerNormalization;
use crate::Case;
use crate::ops::util::random_f32;
use ocelli_tensor::DType;

/// Cases of LayerNormalization: the last axis, several axes, all results.
pub fn cases() -> Vec<Case> {
    let case = |name: &str, axis: i64, shape: &[usize], scale: &[usize], bias: bool| {
        let mut inputs = vec![random_f32(shape, 1), random_f32(scale, 2)];
        if bias {
            inputs.push(random_f32(scale, 3));
        }
        let op = LayerNormalization { axis, epsilon: 1e-5, stash_type: DType::F32 };
        Case::new(name, op, inputs).constants_from(1)
    };
    vec![
        case("last", -1, &[2, 5, 37], &[37], true),
        case("two_axes", 2, &[2, 3, 5, 7], &[5, 7], true),
        case("no_bias", -1, &[3, 300], &[300], false),
        case("all_results", 1, &[4, 3, 6], &[3, 6], true).outputs(3),
        case("broadcast_scale", 1, &[2, 3, 6], &[6], true),
    ]
}
