use super::Unique;
use crate::Case;
use crate::ops::util::case_tensor;
use ocelli_tensor::DType;

/// Cases of Unique: sorted or not, with an axis, integers.
pub fn cases() -> Vec<Case> {
    let values: Vec<f64> = (0..18).map(|i| f64::from(i * 5 % 4) - 1.0).collect();
    let case = |name: &str, axis: Option<i64>, sorted: bool, dtype: DType, shape: &[usize]| {
        Case::new(name, Unique { axis, sorted }, vec![case_tensor(dtype, shape, &values)]).outputs(4)
    };
    vec![
        case("sorted", None, true, DType::F32, &[3, 6]),
        case("unsorted", None, false, DType::I64, &[18]),
        case("rows", Some(0), true, DType::F32, &[9, 2]),
        case("columns", Some(-1), false, DType::F32, &[2, 9]),
    ]
}
