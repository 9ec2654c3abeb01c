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
            QLinearConv { group: 1, window: window(&[2, 1], &[1, 0, 1, 1]), clamp: None },
        ),
        case(
            "per_channel",
            (DType::I8, &[2, 4, 5, 8], -5.0),
            (DType::I8, &[6, 2, 3, 3]),
            &[0.01, 0.02, 0.005, 0.013, 0.03, 0.001],
            &[0.0, 1.0, -2.0, 3.0, 0.0, 0.0],
            (DType::I8, 3.0),
            true,
            QLinearConv { group: 2, window: window(&[1, 1], &[1, 1, 1, 1]), clamp: None },
        ),
        case(
            "depthwise",
            (DType::U8, &[1, 6, 9, 5], 128.0),
            (DType::I8, &[6, 1, 3, 3]),
            &[0.02],
            &[0.0],
            (DType::U8, 128.0),
            false,
            QLinearConv { group: 6, window: window(&[], &[0, 1, 2, 1]), clamp: None },
        ),
        case(
            "pointwise",
            (DType::I8, &[2, 9, 5, 7], 11.0),
            (DType::I8, &[13, 9, 1, 1]),
            &[0.05],
            &[0.0],
            (DType::U8, 3.0),
            true,
            QLinearConv { group: 1, window: window(&[1, 2], &[]), clamp: Some([3, 200]) },
        ),
        case(
            "many_channels",
            (DType::U8, &[1, 19, 9, 11], 7.0),
            (DType::I8, &[45, 19, 3, 3]),
            &[0.011],
            &[0.0],
            (DType::I8, -20.0),
            true,
            QLinearConv { group: 1, window: window(&[1, 1], &[1, 1, 1, 1]), clamp: Some([-20, 127]) },
        ),
        case(
            "sums_beyond_exact_floats",
            (DType::U8, &[1, 160, 4, 5], 131.0),
            (DType::I8, &[6, 160, 3, 3]),
            &[0.012],
            &[0.0],
            (DType::U8, 128.0),
            true,
            QLinearConv { group: 1, window: window(&[], &[2, 0, 0, 1]), clamp: None },
        ),
        case(
            "groups_across_words",
            (DType::U8, &[2, 9, 6, 7], 250.0),
            (DType::I8, &[15, 3, 2, 3]),
            &[0.01],
            &[0.0],
            (DType::U8, 0.0),
            true,
            QLinearConv { group: 3, window: Window { dilations: vec![2, 1], ..window(&[1, 1], &[1, 2, 0, 1]) }, clamp: None },
        ),
        case(
            "depthwise_strided",
            (DType::I8, &[2, 13, 9, 8], -100.0),
            (DType::I8, &[13, 1, 3, 5]),
            &[0.01, 0.02, 0.005, 0.013, 0.03, 0.001, 0.01, 0.02, 0.005, 0.013, 0.03, 0.001, 0.04],
            &[0.0],
            (DType::I8, 12.0),
            true,
            QLinearConv { group: 13, window: Window { dilations: vec![1, 2], ..window(&[2, 3], &[1, 3, 2, 1]) }, clamp: Some([12, 90]) },
        ),
        case(
            "depthwise_multiplier",
            (DType::U8, &[1, 5, 6, 9], 17.0),
            (DType::I8, &[10, 1, 3, 3]),
            &[0.02],
            &[0.0],
            (DType::U8, 128.0),
            true,
            QLinearConv { group: 5, window: window(&[], &[1, 1, 1, 1]), clamp: None },
        ),
        case(
            "one_dimension",
            (DType::U8, &[2, 6, 17], 90.0),
            (DType::I8, &[7, 6, 4]),
            &[0.02],
            &[0.0],
            (DType::U8, 128.0),
            false,
            QLinearConv { group: 1, window: window(&[2], &[1, 0]), clamp: None },
        ),
        case(
            "three_dimensions",
            (DType::U8, &[1, 3, 4, 5, 6], 90.0),
            (DType::I8, &[4, 3, 2, 3, 2]),
            &[0.02],
            &[0.0],
            (DType::U8, 128.0),
            true,
            QLinearConv { group: 1, window: window(&[1, 2, 1], &[1, 0, 1, 0, 1, 1]), clamp: Some([100, 130]) },
        ),
    ]
}
