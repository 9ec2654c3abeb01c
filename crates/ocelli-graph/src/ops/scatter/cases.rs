use ocelli_tensor::{DType, Tensor};

use super::{Reduction, Scatter, ScatterKind};
use crate::Case;
use crate::ops::movement::iota;
use crate::ops::util::{case_tensor, random_f32};

fn indices(dtype: DType, shape: &[usize], values: &[i64]) -> Tensor {
    case_tensor(dtype, shape, &values.iter().map(|&x| x as f64).collect::<Vec<_>>())
}

/// Cases of the scattering operators.
pub fn cases() -> Vec<Case> {
    let case = |name: &str, kind, reduction, data, index, updates| {
        Case::new(name, Scatter { kind, reduction }, vec![data, index, updates])
    };
    let x = || random_f32(&[4, 5], 1);
    let elements = |axis| ScatterKind::Elements { axis };
    let constant_indices = |mut c: Case| {
        c.constant[1] = true;
        c
    };
    vec![
        constant_indices(case("elements", elements(1), Reduction::None, x(), indices(DType::I64, &[2, 3], &[4, 0, -3, 1, -1, 2]), random_f32(&[2, 3], 2))),
        case("elements_at_run_time", elements(0), Reduction::None, x(), indices(DType::I32, &[2, 4], &[3, 0, -1, 1, 2, 1, 0, -1]), random_f32(&[2, 4], 2)),
        constant_indices(case("elements_add", elements(-1), Reduction::Add, x(), indices(DType::I64, &[2, 3], &[4, 4, 0, 1, 1, 1]), random_f32(&[2, 3], 2))),
        constant_indices(case("nd_rows", ScatterKind::Nd, Reduction::None, x(), indices(DType::I64, &[2, 1], &[3, -3]), random_f32(&[2, 5], 2))),
        case("nd_points", ScatterKind::Nd, Reduction::None, x(), indices(DType::I32, &[3, 2], &[0, 1, 3, 4, -2, -5]), random_f32(&[3], 2)),
        case("nd_max", ScatterKind::Nd, Reduction::Max, x(), indices(DType::I32, &[3, 1], &[0, 0, 2]), random_f32(&[3, 5], 2)),
        constant_indices(case("uint8", ScatterKind::Nd, Reduction::None, iota(DType::U8, &[6]), indices(DType::I64, &[2, 1], &[4, 1]), iota(DType::U8, &[2]))),
    ]
}
