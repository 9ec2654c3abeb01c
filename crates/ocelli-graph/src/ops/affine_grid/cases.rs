use super::AffineGrid;
use crate::Case;
use crate::ops::util::{i64s, random_f32};

/// Cases of AffineGrid.
pub fn cases() -> Vec<Case> {
    let case = |name: &str, align_corners, theta: &[usize], size: &[i64]| {
        Case::new(name, AffineGrid { align_corners }, vec![random_f32(theta, 1), i64s(size)]).constants_from(1)
    };
    vec![
        case("plane", false, &[2, 2, 3], &[2, 3, 5, 7]),
        case("plane_aligned", true, &[1, 2, 3], &[1, 1, 4, 6]),
        case("volume", false, &[2, 3, 4], &[2, 1, 3, 4, 5]),
    ]
}
