use super::{Softmax, SoftmaxKind};
use crate::Case;
use crate::ops::util::{case_tensor, random_f32};
use ocelli_tensor::DType;

/// Cases of the softmax family: every kind, inner and outer axes, long lanes, large values.
pub fn cases() -> Vec<Case> {
    let case = |name: &str, kind: SoftmaxKind, axis: i64, shape: &[usize]| {
        Case::new(name, Softmax { kind, axis }, vec![random_f32(shape, 1)])
    };
    let large: Vec<f64> = (0..21).map(|i| f64::from(i % 7) * 1e4 - 3e4).collect();
    vec![
        case("last", SoftmaxKind::Softmax, -1, &[2, 3, 7]),
        case("channels", SoftmaxKind::Softmax, 1, &[2, 5, 3, 7]),
        case("first", SoftmaxKind::Softmax, 0, &[9, 4]),
        case("long", SoftmaxKind::Softmax, -1, &[3, 1000]),
        case("log_channels", SoftmaxKind::LogSoftmax, 1, &[1, 21, 5, 3]),
        case("log_last", SoftmaxKind::LogSoftmax, -1, &[4, 70]),
        case("hard", SoftmaxKind::Hardmax, -2, &[3, 5, 2]),
        Case::new(
            "large_values",
            Softmax { kind: SoftmaxKind::Softmax, axis: -1 },
            vec![case_tensor(DType::F32, &[3, 7], &large)],
        ),
    ]
}
