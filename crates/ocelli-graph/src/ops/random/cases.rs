use super::{Random, RandomKind};
use crate::Case;
use crate::ops::util::{case_tensor, random_f32};
use ocelli_tensor::DType;

/// Cases of the random tensors; all have a seed, so that two evaluations agree.
pub fn cases() -> Vec<Case> {
    let op = |kind, shape: Option<&[usize]>, dtype| Random {
        kind,
        shape: shape.map(<[usize]>::to_vec),
        dtype,
        seed: Some(3.0),
    };
    let probabilities: Vec<f64> = (0..15).map(|i| f64::from(i) / 14.0).collect();
    vec![
        Case::new("uniform", op(RandomKind::Uniform { low: -1.0, high: 2.0 }, Some(&[3, 5]), None), vec![]),
        Case::new(
            "normal_like",
            op(RandomKind::Normal { mean: 0.0, scale: 1.0 }, None, None),
            vec![random_f32(&[2, 7], 1)],
        ),
        Case::new(
            "bernoulli",
            op(RandomKind::Bernoulli, None, Some(DType::Bool)),
            vec![case_tensor(DType::F32, &[3, 5], &probabilities)],
        ),
        Case::new(
            "multinomial",
            op(RandomKind::Multinomial { sample_size: 4 }, None, Some(DType::I64)),
            vec![random_f32(&[3, 6], 2)],
        ),
    ]
}
