use super::{GridSample, SampleMode, SamplePadding};
use crate::Case;
use crate::ops::util::{case_tensor, random_f32};

/// Cases of GridSample; positions reach beyond -1 and 1.
pub fn cases() -> Vec<Case> {
    let grid = |shape: &[usize]| {
        let values: Vec<f64> = random_f32(shape, 2).to_f64s().iter().map(|v| v * 1.7).collect();
        case_tensor(ocelli_tensor::DType::F32, shape, &values)
    };
    let case = |name: &str, mode, padding_mode, align_corners| {
        let op = GridSample { mode, padding_mode, align_corners };
        Case::new(name, op, vec![random_f32(&[2, 3, 5, 7], 1), grid(&[2, 4, 9, 2])])
    };
    let volume = GridSample { mode: SampleMode::Linear, padding_mode: SamplePadding::Zeros, align_corners: false };
    vec![
        case("bilinear_zeros", SampleMode::Linear, SamplePadding::Zeros, false),
        case("bilinear_border_aligned", SampleMode::Linear, SamplePadding::Border, true),
        case("bilinear_reflection", SampleMode::Linear, SamplePadding::Reflection, false),
        case("nearest_zeros", SampleMode::Nearest, SamplePadding::Zeros, false),
        case("nearest_reflection_aligned", SampleMode::Nearest, SamplePadding::Reflection, true),
        case("bicubic_zeros_aligned", SampleMode::Cubic, SamplePadding::Zeros, true),
        case("bicubic_border", SampleMode::Cubic, SamplePadding::Border, false),
        case("bicubic_reflection", SampleMode::Cubic, SamplePadding::Reflection, false),
        Case::new("volume", volume, vec![random_f32(&[1, 2, 3, 4, 5], 1), grid(&[1, 2, 3, 2, 3])]),
    ]
}
