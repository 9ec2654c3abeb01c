use super::LRN;
use crate::Case;
use crate::ops::util::random_f32;

/// Cases of LRN: odd and even windows, one wider than the channels.
pub fn cases() -> Vec<Case> {
    let case = |name: &str, size: usize, shape: &[usize]| {
        let op = LRN { alpha: 0.9, beta: 0.75, bias: 1.5, size };
        Case::new(name, op, vec![random_f32(shape, 1)])
    };
    vec![
        case("odd", 3, &[2, 7, 5, 3]),
        case("even", 4, &[1, 9, 3, 6]),
        case("wider_than_channels", 11, &[2, 5, 4, 7]),
    ]
}
