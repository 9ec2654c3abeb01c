use ocelli_tensor::Tensor;

use super::ConstantOfShape;
use crate::Case;
use crate::ops::util::i64s;

/// Cases of ConstantOfShape.
pub fn cases() -> Vec<Case> {
    let case = |name: &str, value, shape: &[i64]| {
        Case::new(name, ConstantOfShape { value }, vec![i64s(shape)]).constants_from(0)
    };
    vec![
        case("default", None, &[2, 3]),
        case("ones", Some(Tensor::vector(vec![1f32])), &[4, 1, 3]),
        case("int64", Some(Tensor::vector(vec![-7i64])), &[5]),
        case("scalar", Some(Tensor::scalar(3i32)), &[]),
    ]
}
