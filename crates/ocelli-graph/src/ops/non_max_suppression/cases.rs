use super::NonMaxSuppression;
use crate::Case;
use crate::ops::util::{case_tensor, random_f32};
use ocelli_tensor::{DType, Tensor};

/// Cases of NonMaxSuppression: both box formats, several batches and classes, a score threshold.
pub fn cases() -> Vec<Case> {
    let case = |name: &str, center: bool, batches: usize, classes: usize, threshold: Option<f32>| {
        let count = 23;
        let mut corners = random_f32(&[batches, count, 4], 1).to_f64s();
        if center {
            corners.chunks_exact_mut(4).for_each(|b| (b[2], b[3]) = (b[2].abs() + 0.1, b[3].abs() + 0.1));
        }
        let mut inputs = vec![
            case_tensor(DType::F32, &[batches, count, 4], &corners),
            random_f32(&[batches, classes, count], 2),
            Tensor::vector(vec![6i64]),
            Tensor::vector(vec![0.3f32]),
        ];
        inputs.extend(threshold.map(|t| Tensor::vector(vec![t])));
        Case::new(name, NonMaxSuppression { center_point_box: center }, inputs)
    };
    vec![
        case("corners", false, 2, 3, Some(0.1)),
        case("centers", true, 1, 2, None),
        case("nothing_left", false, 1, 1, Some(2.0)),
    ]
}
