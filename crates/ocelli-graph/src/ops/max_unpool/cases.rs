use ocelli_tensor::{DType, Tensor};

use super::MaxUnpool;
use crate::Case;
use crate::ops::util::{case_tensor, i64s, random_f32};
use crate::ops::window::Window;

/// Cases of MaxUnpool; every window's largest element came from another place of the window.
pub fn cases() -> Vec<Case> {
    let indices = |x: &[usize; 4]| {
        let (h, w) = (x[2] * 2, x[3] * 2);
        let values: Vec<f64> = (0..x.iter().product())
            .map(|i: usize| {
                let (plane, y, at) = (i / (x[2] * x[3]), i / x[3] % x[2], i % x[3]);
                ((plane * h + y * 2 + i % 2) * w + at * 2 + i / 3 % 2) as f64
            })
            .collect();
        case_tensor(DType::I64, x, &values)
    };
    let case = |name: &str, x: [usize; 4], shape: Option<Tensor>| {
        let window = Window { kernel: vec![2, 2], strides: vec![2, 2], ..Window::default() };
        let mut inputs = vec![random_f32(&x, 4), indices(&x)];
        inputs.extend(shape);
        Case::new(name, MaxUnpool { window }, inputs).constants_from(2)
    };
    vec![
        case("plain", [1, 2, 3, 4], None),
        case("batch", [2, 3, 2, 5], None),
        case("output_shape", [2, 2, 3, 2], Some(i64s(&[2, 2, 7, 5]))),
    ]
}
