use super::NonZero;
use crate::Case;
use crate::ops::util::case_tensor;
use ocelli_tensor::DType;

/// Cases of NonZero: floats, bools, nothing.
pub fn cases() -> Vec<Case> {
    let values: Vec<f64> = (0..60).map(|i| f64::from((i * 7 % 5) - 2)).collect();
    let case = |name: &str, dtype: DType, shape: &[usize], values: &[f64]| {
        Case::new(name, NonZero, vec![case_tensor(dtype, shape, values)])
    };
    vec![
        case("floats", DType::F32, &[3, 4, 5], &values),
        case("bools", DType::Bool, &[12, 5], &values),
        case("all_zero", DType::I64, &[2, 3], &[0.0; 6]),
    ]
}
