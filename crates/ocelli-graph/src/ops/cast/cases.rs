use ocelli_tensor::{DType, Tensor};

use super::Cast;
use crate::Case;
use crate::ops::util::{case_tensor, random_f32};

/// Cases of Cast: every pair of dtypes, on numbers that both can hold and on the ends of the floats.
pub fn cases() -> Vec<Case> {
    let mut all = Vec::new();
    let small = [0.0, 1.0, 2.0, 77.0, 100.0, 3.0];
    for from in DType::ALL {
        for to in DType::ALL {
            all.push(Case::new(&format!("{from}_to_{to}"), Cast { to: Some(to) }, vec![case_tensor(from, &[2, 3], &small)]));
        }
    }
    let ends = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 3e9, -3e9, 300.5, -300.5, 0.9, -0.9, 65_519.0, 65_520.0, 1e-7, -0.0];
    for to in [DType::F16, DType::BF16, DType::I8, DType::U8, DType::I16, DType::U16, DType::I32, DType::U32, DType::Bool] {
        all.push(Case::new(&format!("ends_to_{to}"), Cast { to: Some(to) }, vec![case_tensor(DType::F32, &[13], &ends)]));
    }
    for (from, to) in [(DType::F32, DType::F16), (DType::F32, DType::BF16)] {
        all.push(Case::new(&format!("rounds_{from}_to_{to}"), Cast { to: Some(to) }, vec![random_f32(&[3, 50], 1)]));
    }
    for to in [DType::I8, DType::U8, DType::U16, DType::U32, DType::F32] {
        all.push(Case::new(&format!("wraps_to_{to}"), Cast { to: Some(to) }, vec![Tensor::vector(vec![-1i32, 300, -300, i32::MIN, 70_000])]));
    }
    all.push(Case::new("like", Cast { to: None }, vec![random_f32(&[2, 3, 5], 2), Tensor::vector(vec![1i32, 2])]));
    all
}
