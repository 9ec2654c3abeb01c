use super::Split;
use crate::Case;
use crate::ops::util::{i64s, random_f32};

/// Cases of Split.
pub fn cases() -> Vec<Case> {
    let x = || random_f32(&[2, 7, 3, 5], 1);
    let split = |axis, num_outputs| Split { axis, num_outputs };
    vec![
        Case::new("sizes", split(1, None), vec![x(), i64s(&[2, 0, 4, 1])]).constants_from(1).outputs(4),
        Case::new("uneven", split(-3, Some(3)), vec![x()]).outputs(3),
        Case::new("halves", split(0, None), vec![x()]).outputs(2),
        Case::new("last_axis", split(-1, Some(2)), vec![x()]).outputs(2),
    ]
}
