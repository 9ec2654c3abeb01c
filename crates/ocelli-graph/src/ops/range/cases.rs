use ocelli_tensor::Tensor;

use super::Range;
use crate::Case;

/// Cases of Range.
pub fn cases() -> Vec<Case> {
    let i = |name: &str, x: [i64; 3]| Case::new(name, Range, x.map(Tensor::scalar).to_vec()).constants_from(0);
    vec![
        i("up", [3, 14, 4]),
        i("down", [10, 4, -2]),
        i("empty", [5, 1, 1]),
        Case::new("float", Range, [1f32, 5.0, 0.75].map(Tensor::scalar).to_vec()).constants_from(0),
    ]
}
