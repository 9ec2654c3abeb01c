use ocelli_tensor::{DType, Tensor};

use super::QLinearConv;
use crate::Case;
use crate::ops::conv_integer::cases::random_bytes;
use crate::ops::util::case_tensor;
use crate::ops::window::Window;

/// Cases of QLinearConv.
pub fn cases() -> Vec<Case> {
    let scalar = |dtype, v: f64| case_tensor(dtype, &[], &[v]);
    let case = |name: &str, x: (DType, &[usize], f64), w: (DType, &[usize]), w_scale: &[f64], w_zero: &[f64], y: (DType, f64), bias: bool, op: QLinearConv| {
        let list = |dtype, v: &[f64]| if v.len() == 1 { scalar(dtype, v[0]) } else { case_tensor(dtype, &[v.len()], v) };
        let mut inputs: Vec<Tensor> = vec![
            random_bytes(x.0, x.1, 1),
            scalar(DType::F32, 0.021),
            scalar(x.0, x.2),
            random_bytes(w.0, w.1, 2),
            list(DType::F32, w_scale),
            list(w.0, w_zero),
            scalar(DType::F32, 0.37),
            scalar(y.0, y.1),
        ];
        if bias {
            let values: Vec<f64> = (0..w.1[0]).map(|i| i as f64 * 713.0 - 2000.0).collect();
            inputs.push(case_tensor(DType::I32, &[w.1[0]], &values));
        }
        Case::new(name, op, inputs).constants_from(1)
    };
    let window = |strides: &[usize], pads: &[i64]| Window { strides: strides.to_vec(), pads: pads.to_vec(), ..Window::default() };
    vec![
        case(
            "per_tensor",
            (DType::U8, &[1, 3, 7, 9], 120.0),
            (DType::U8, &[5, 3, 3, 2]),
            &[0.013],
            &[129.0],
            (DType::U8, 100.0),
            true,
            QLinearConv { group: 1, window: window(&[2, 1], &[1, 0, 1, 1]) },
        ),
        case(
            "per_channel",
            (DType::I8, &[2, 4, 5, 8], -5.0),
            (DType::I8, &[6, 2, 3, 3]),
            &[0.01, 0.02, 0.005, 0.013, 0.03, 0.001],
            &[0.0, 1.0, -2.0, 3.0, 0.0, 0.0],
            (DType::I8, 3.0),
            true,
            QLinearConv { group: 2, window: window(&[1, 1], &[1, 1, 1, 1]) },
        ),
        case(
            "depthwise",
            (DType::U8, &[1, 6, 9, 5], 128.0),
            (DType::I8, &[6, 1, 3, 3]),
            &[0.02],
            &[0.0],
            (DType::U8, 128.0),
            false,
            QLinearConv { group: 6, window: window(&[], &[0, 1, 2, 1]) },
        ),
    ]
}
