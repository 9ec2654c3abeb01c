use super::Det;
use crate::Case;
use crate::ops::util::random_f32;

/// Cases of Det: one matrix, batches, one element.
pub fn cases() -> Vec<Case> {
    let case = |name: &str, shape: &[usize]| Case::new(name, Det, vec![random_f32(shape, 1)]);
    vec![case("one", &[5, 5]), case("batched", &[2, 3, 4, 4]), case("one_element", &[3, 1, 1])]
}
