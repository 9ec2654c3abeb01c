use ocelli_tensor::Tensor;

use super::OneHot;
use crate::Case;
use crate::ops::util::i64s;

/// Cases of OneHot.
pub fn cases() -> Vec<Case> {
    let case = |name: &str, axis, indices, depth: i64, values: [f32; 2]| {
        Case::new(name, OneHot { axis }, vec![indices, Tensor::scalar(depth), Tensor::vector(values.to_vec())]).constants_from(1)
    };
    vec![
        case("last", -1, i64s(&[0, 7, -1, 8, -9]), 8, [0.0, 1.0]),
        case("first", 0, i64s(&[2, -3, 1]), 3, [-1.5, 2.5]),
        case("int32_indices", 1, Tensor::vector(vec![1i32, 0, 4]), 5, [1.0, 3.0]),
    ]
}
