use super::InstanceNormalization;
use crate::Case;
use crate::ops::util::{case_tensor, random_f32};
use ocelli_tensor::DType;

/// Cases of InstanceNormalization: small and large planes, one dimension, a mean far from zero.
pub fn cases() -> Vec<Case> {
    let case = |name: &str, shape: &[usize]| {
        let inputs = vec![random_f32(shape, 1), random_f32(&[shape[1]], 2), random_f32(&[shape[1]], 3)];
        Case::new(name, InstanceNormalization { epsilon: 1e-5 }, inputs).constants_from(1)
    };
    let offset: Vec<f64> = random_f32(&[2, 3, 9, 13], 4).to_f64s().iter().map(|x| 60.0 + x).collect();
    let mut far = case("far_mean", &[2, 3, 9, 13]);
    far.inputs[0] = Some(case_tensor(DType::F32, &[2, 3, 9, 13], &offset));
    vec![case("small", &[2, 5, 3, 7]), case("large", &[1, 3, 65, 70]), case("sequence", &[2, 3, 19]), far]
}
