use super::{ShapeKind, ShapeOf};
use crate::Case;
use crate::ops::util::random_f32;

/// Cases of Shape and Size.
pub fn cases() -> Vec<Case> {
    let case = |name: &str, kind| Case::new(name, ShapeOf { kind }, vec![random_f32(&[2, 3, 5, 7], 1)]);
    vec![
        case("shape", ShapeKind::Shape { start: 0, end: None }),
        case("part", ShapeKind::Shape { start: 1, end: Some(-1) }),
        case("clamped", ShapeKind::Shape { start: -9, end: Some(9) }),
        case("size", ShapeKind::Size),
    ]
}
