use super::Col2Im;
use crate::Case;
use crate::ops::util::{i64s, random_f32};
use crate::ops::window::Window;

/// Cases of Col2Im.
pub fn cases() -> Vec<Case> {
    let case = |name: &str, x: [usize; 3], image: &[i64], block: &[i64], strides: &[usize], dilations: &[usize], pads: &[i64]| {
        let window = Window {
            strides: strides.to_vec(),
            dilations: dilations.to_vec(),
            pads: pads.to_vec(),
            ..Window::default()
        };
        Case::new(name, Col2Im { window }, vec![random_f32(&x, 8), i64s(image), i64s(block)]).constants_from(1)
    };
    vec![
        case("plain", [1, 5, 5], &[5, 5], &[1, 5], &[], &[], &[]),
        case("strided_padded", [2, 12, 16], &[7, 9], &[2, 3], &[2, 2], &[], &[1, 0, 0, 1]),
        case("dilated", [1, 8, 32], &[6, 10], &[2, 2], &[1, 1], &[2, 2], &[]),
        case("three_dimensions", [1, 20, 12], &[3, 4, 5], &[1, 5, 2], &[1, 1, 2], &[], &[0, 1, 0, 0, 1, 0]),
    ]
}
