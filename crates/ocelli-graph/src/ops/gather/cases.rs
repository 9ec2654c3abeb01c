use ocelli_tensor::{DType, Tensor};

use super::{Gather, GatherKind};
use crate::Case;
use crate::ops::movement::iota;
use crate::ops::util::{case_tensor, random_f32};

fn indices(dtype: DType, shape: &[usize], values: &[i64]) -> Tensor {
    case_tensor(dtype, shape, &values.iter().map(|&x| x as f64).collect::<Vec<_>>())
}

/// Cases of the gathering operators.
pub fn cases() -> Vec<Case> {
    let x = || random_f32(&[3, 4, 5], 1);
    let case = |name: &str, kind, data, index| Case::new(name, Gather { kind }, vec![data, index]);
    let gather = |axis| GatherKind::Gather { axis };
    let elements = |axis| GatherKind::Elements { axis };
    let nd = |batch_dims| GatherKind::Nd { batch_dims };
    vec![
        case("rows", gather(0), x(), indices(DType::I64, &[2, 2], &[2, 0, -1, 1])).constants_from(1),
        case("channels", gather(1), x(), indices(DType::I64, &[3], &[3, -4, 1])).constants_from(1),
        case("one", gather(-1), x(), indices(DType::I64, &[], &[-2])).constants_from(1),
        case("at_run_time", gather(2), x(), indices(DType::I32, &[2, 3], &[4, 0, -5, 1, 1, -1])),
        case("uint8", gather(0), iota(DType::U8, &[5, 3]), indices(DType::I64, &[2], &[4, 1])).constants_from(1),
        case("elements", elements(1), x(), indices(DType::I64, &[2, 3, 5], &(0..30).map(|i| i % 7 % 4).collect::<Vec<_>>()))
            .constants_from(1),
        case("elements_at_run_time", elements(-1), x(), indices(DType::I32, &[3, 2, 4], &(0..24).map(|i| i % 9 - 4).collect::<Vec<_>>())),
        case("nd_scalars", nd(0), x(), indices(DType::I64, &[2, 3], &[0, 1, 4, -1, 3, 0])).constants_from(1),
        case("nd_slices", nd(0), x(), indices(DType::I32, &[3, 1, 2], &[0, 1, 2, -2, 1, 3])),
        case("nd_batch", nd(1), x(), indices(DType::I64, &[3, 2, 1], &[0, 1, 2, 3, -1, 0])).constants_from(1),
    ]
}
