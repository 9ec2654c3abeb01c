use super::Compress;
use crate::Case;
use crate::ops::util::{case_tensor, random_f32};
use ocelli_tensor::DType;

/// Cases of Compress: an inner and an outer axis, flattened.
pub fn cases() -> Vec<Case> {
    let case = |name: &str, axis: Option<i64>, shape: &[usize], condition: &[f64]| {
        let condition = case_tensor(DType::Bool, &[condition.len()], condition);
        Case::new(name, Compress { axis }, vec![random_f32(shape, 1), condition]).constants_from(1)
    };
    vec![
        case("rows", Some(0), &[3, 5], &[0.0, 1.0, 1.0]),
        case("channels", Some(-2), &[2, 5, 3], &[1.0, 0.0, 0.0, 1.0]),
        case("flat", None, &[3, 4], &[0.0, 1.0, 0.0, 0.0, 1.0, 1.0]),
    ]
}
