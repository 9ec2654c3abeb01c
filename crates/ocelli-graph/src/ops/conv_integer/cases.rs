use ocelli_tensor::{DType, Tensor};

use super::ConvInteger;
use crate::Case;
use crate::ops::util::{case_tensor, random_f32};
use crate::ops::window::Window;

/// Pseudo-random bytes over the whole range of `dtype`.
pub(crate) fn random_bytes(dtype: DType, shape: &[usize], seed: u64) -> Tensor {
    let low = if dtype == DType::I8 { -128.0 } else { 0.0 };
    let values: Vec<f64> = random_f32(shape, seed).to_f64s().iter().map(|v| ((v + 1.0) * 127.99).floor() + low).collect();
    case_tensor(dtype, shape, &values)
}

/// Cases of ConvInteger.
pub fn cases() -> Vec<Case> {
    let case = |name: &str, x: (DType, &[usize]), w: (DType, &[usize]), zero: Option<(f64, Vec<f64>)>, op: ConvInteger| {
        let mut inputs = vec![random_bytes(x.0, x.1, 1), random_bytes(w.0, w.1, 2)];
        if let Some((x_zero, w_zero)) = zero {
            inputs.push(case_tensor(x.0, &[], &[x_zero]));
            inputs.push(case_tensor(w.0, &[w_zero.len()], &w_zero));
        }
        Case::new(name, op, inputs).constants_from(1)
    };
    let window = |strides: &[usize], pads: &[i64]| Window { strides: strides.to_vec(), pads: pads.to_vec(), ..Window::default() };
    vec![
        case("plain", (DType::U8, &[1, 3, 6, 9]), (DType::U8, &[5, 3, 3, 2]), None, ConvInteger { group: 1, window: window(&[], &[]) }),
        case(
            "zero_points",
            (DType::U8, &[2, 4, 7, 5]),
            (DType::I8, &[6, 2, 3, 3]),
            Some((131.0, vec![-3.0, 0.0, 7.0, 1.0, -128.0, 127.0])),
            ConvInteger { group: 2, window: window(&[2, 1], &[1, 0, 1, 2]) },
        ),
        case(
            "one_dimension",
            (DType::I8, &[1, 3, 20]),
            (DType::I8, &[4, 3, 5]),
            Some((-7.0, vec![5.0])),
            ConvInteger { group: 1, window: window(&[3], &[2, 2]) },
        ),
    ]
}
