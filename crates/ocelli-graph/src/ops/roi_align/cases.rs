use ocelli_tensor::DType;

use super::{RoiAlign, RoiMode};
use crate::Case;
use crate::ops::util::{case_tensor, i64s, random_f32};

/// Cases of RoiAlign. Coordinates are no multiples of anything, so that rounding decides nothing.
pub fn cases() -> Vec<Case> {
    let rois = [1.3, 2.1, 8.7, 7.2, 0.2, 0.4, 12.1, 8.3, -2.3, 5.2, 3.1, 11.6, 4.1, 4.2, 4.3, 4.6];
    let case = |name: &str, mode, half_pixel, size: (usize, usize), sampling_ratio, spatial_scale| {
        let op = RoiAlign {
            mode,
            half_pixel,
            output_height: size.0,
            output_width: size.1,
            sampling_ratio,
            spatial_scale,
        };
        let x = random_f32(&[2, 3, 9, 13], 5);
        let mut case = Case::new(name, op, vec![x, case_tensor(DType::F32, &[4, 4], &rois), i64s(&[0, 1, 1, 0])]);
        case.constant[2] = true;
        case
    };
    vec![
        case("average", RoiMode::Avg, true, (3, 2), 2, 1.0),
        case("average_adaptive", RoiMode::Avg, true, (2, 3), 0, 1.0),
        case("average_output_half_pixel", RoiMode::Avg, false, (2, 5), 0, 0.73),
        case("max", RoiMode::Max, true, (3, 4), 3, 1.0),
        case("max_adaptive", RoiMode::Max, false, (2, 2), 0, 0.9),
    ]
}
