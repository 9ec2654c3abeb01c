use ocelli_tensor::Tensor;

use super::DynamicQuantizeLinear;
use crate::Case;
use crate::ops::util::random_f32;

/// Cases of DynamicQuantizeLinear: both signs, one sign, zeros.
pub fn cases() -> Vec<Case> {
    let case = |name: &str, x| Case::new(name, DynamicQuantizeLinear, vec![x]).outputs(3);
    vec![
        case("both_signs", random_f32(&[2, 3, 5, 7], 1)),
        case("positive", Tensor::vector(vec![1.0f32, 2.1, 1.3, 2.5, 3.34, 4.0])),
        case("negative", Tensor::vector(vec![-1.0f32, -2.1, -1.3, -2.5, -3.34, -4.0])),
        case("zeros", Tensor::vector(vec![0.0f32; 5])),
    ]
}
