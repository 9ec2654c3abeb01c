use ocelli_tensor::Tensor;

use super::{Variadic, VariadicKind};
use crate::Case;
use crate::ops::util::random_f32;

/// Cases of the variadic functions: one operand, several with broadcasting, more than a kernel takes, NaN, integers.
pub fn cases() -> Vec<Case> {
    let mut all = Vec::new();
    for kind in [VariadicKind::Max, VariadicKind::Min, VariadicKind::Sum, VariadicKind::Mean] {
        let case = |name: &str, inputs| Case::new(name, Variadic { kind }, inputs);
        all.push(case("one", vec![random_f32(&[2, 3], 1)]));
        all.push(case("broadcast", vec![random_f32(&[2, 1, 5], 1), random_f32(&[3, 1], 2), random_f32(&[2, 3, 5], 3)]));
        all.push(case("many", (0..17).map(|i| random_f32(&[2, 5], i)).collect()));
        all.push(case("nan", vec![
            Tensor::vector(vec![f32::NAN, 1.0, f32::INFINITY, 2.0]),
            Tensor::vector(vec![0.0f32, f32::NAN, 5.0, f32::NEG_INFINITY]),
        ]));
        all.push(case("i32", vec![Tensor::vector(vec![1i32, -5, 9]), Tensor::vector(vec![4i32]), Tensor::vector(vec![2i32, 3, -8])]));
    }
    all
}
