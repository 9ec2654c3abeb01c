use super::BatchNormalization;
use crate::Case;
use crate::ops::util::{case_tensor, random_f32};
use ocelli_tensor::DType;

/// Cases of BatchNormalization: inference over several ranks, constant and computed statistics, training.
pub fn cases() -> Vec<Case> {
    let case = |name: &str, shape: &[usize], training_mode: bool| {
        let c = shape[1];
        let var: Vec<f64> = random_f32(&[c], 5).to_f64s().iter().map(|x| 1.1 + x).collect();
        let inputs = vec![
            random_f32(shape, 1),
            random_f32(&[c], 2),
            random_f32(&[c], 3),
            random_f32(&[c], 4),
            case_tensor(DType::F32, &[c], &var),
        ];
        Case::new(name, BatchNormalization { epsilon: 1e-3, momentum: 0.8, training_mode }, inputs)
    };
    vec![
        case("image", &[2, 5, 3, 7], false).constants_from(1),
        case("computed_statistics", &[1, 6, 9, 4], false),
        case("matrix", &[5, 3], false).constants_from(1),
        case("training", &[3, 2, 5, 4], true).outputs(3),
    ]
}
