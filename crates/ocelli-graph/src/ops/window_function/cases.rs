use super::{WindowFunction, WindowKind};
use crate::Case;
use ocelli_tensor::{DType, Tensor};

/// Cases of the window functions.
pub fn cases() -> Vec<Case> {
    let case = |name: &str, kind, periodic, size: i64| {
        let op = WindowFunction { kind, periodic, output_datatype: DType::F32 };
        Case::new(name, op, vec![Tensor::scalar(size)]).constants_from(0)
    };
    vec![
        case("hann", WindowKind::Hann, true, 10),
        case("hamming_symmetric", WindowKind::Hamming, false, 11),
        case("blackman", WindowKind::Blackman, true, 7),
    ]
}
