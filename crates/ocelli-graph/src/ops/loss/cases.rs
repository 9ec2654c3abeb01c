use super::{Loss, LossKind, Reduction};
use crate::Case;
use crate::ops::util::random_f32;
use ocelli_tensor::Tensor;

/// Cases of the losses: every reduction, weights, an ignored class.
pub fn cases() -> Vec<Case> {
    let case = |name: &str, kind, reduction, ignore_index, weighted: bool| {
        let target: Vec<i64> = (0..12).map(|i| i * 3 % 5).collect();
        let target = Tensor::from_vec(&[2, 6], target).unwrap_or_else(|_| Tensor::scalar(0i64));
        let mut inputs = vec![random_f32(&[2, 5, 6], 1), target];
        if weighted {
            inputs.push(random_f32(&[5], 2));
        }
        let outputs = if kind == LossKind::SoftmaxCrossEntropy { 2 } else { 1 };
        Case::new(name, Loss { kind, ignore_index, reduction }, inputs).outputs(outputs)
    };
    vec![
        case("likelihood", LossKind::NegativeLogLikelihood, Reduction::None, None, true),
        case("likelihood_mean", LossKind::NegativeLogLikelihood, Reduction::Mean, Some(3), false),
        case("entropy", LossKind::SoftmaxCrossEntropy, Reduction::Mean, None, true),
        case("entropy_sum", LossKind::SoftmaxCrossEntropy, Reduction::Sum, Some(1), false),
    ]
}
