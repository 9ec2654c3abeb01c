use ocelli_tensor::DType;

use super::MaxRoiPool;
use crate::Case;
use crate::ops::util::{case_tensor, random_f32};

/// Cases of MaxRoiPool.
pub fn cases() -> Vec<Case> {
    let case = |name: &str, pooled_shape, spatial_scale, rois: &[f64]| {
        let rois = case_tensor(DType::F32, &[rois.len() / 5, 5], rois);
        Case::new(name, MaxRoiPool { pooled_shape, spatial_scale }, vec![random_f32(&[2, 3, 9, 13], 5), rois])
    };
    vec![
        case("plain", [2, 3], 1.0, &[0., 1., 2., 8., 7., 1., 0., 0., 12., 8.]),
        case("scaled", [3, 2], 0.5, &[1., 3., 4., 19., 11.]),
        case("outside_and_tiny", [4, 4], 1.0, &[0., 10., 6., 20., 15., 0., 3., 3., 3., 3., 1., -4., -3., 1., 2., 1., 30., 30., 40., 35.]),
    ]
}
