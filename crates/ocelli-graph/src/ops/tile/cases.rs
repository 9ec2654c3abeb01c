use super::Tile;
use crate::Case;
use crate::ops::util::{i64s, random_f32};

/// Cases of Tile.
pub fn cases() -> Vec<Case> {
    let case = |name: &str, x: &[usize], repeats: &[i64]| {
        Case::new(name, Tile, vec![random_f32(x, 1), i64s(repeats)]).constants_from(1)
    };
    vec![
        case("two_axes", &[2, 3, 4], &[1, 3, 2]),
        case("once", &[2, 3], &[1, 1]),
        case("first_axis", &[1, 5], &[4, 1]),
        case("nothing", &[2, 3], &[0, 2]),
    ]
}
