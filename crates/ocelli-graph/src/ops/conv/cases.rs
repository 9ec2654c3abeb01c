use super::Conv;
use crate::Case;
use crate::ops::util::random_f32;
use crate::ops::window::{AutoPad, Window};

/// Cases of Conv: non-square, channels that are no multiple of four, asymmetric pads and strides.
pub fn cases() -> Vec<Case> {
    let case = |name: &str, x: &[usize], w: &[usize], group: usize, bias: bool, window: Window| {
        let mut inputs = vec![random_f32(x, 1), random_f32(w, 2)];
        if bias {
            inputs.push(random_f32(&[w[0]], 3));
        }
        Case::new(name, Conv { group, window }, inputs).constants_from(1)
    };
    let window = |strides: &[usize], dilations: &[usize], pads: &[i64]| Window {
        strides: strides.to_vec(),
        dilations: dilations.to_vec(),
        pads: pads.to_vec(),
        ..Window::default()
    };
    let mut variable = case("variable_weights", &[1, 6, 7, 9], &[12, 3, 3, 2], 2, true, window(&[1, 2], &[], &[1, 0, 1, 1]));
    variable.constant = vec![false; 3];
    let mut odd = case("variable_weights_odd", &[2, 3, 5, 8], &[7, 3, 3, 3], 1, false, window(&[], &[], &[]));
    odd.constant = vec![false; 2];
    vec![
        variable,
        odd,
        case("three_dimensions", &[2, 4, 5, 6, 7], &[6, 2, 2, 3, 2], 2, true, window(&[1, 2, 1], &[2, 1, 1], &[1, 0, 1, 0, 1, 1])),
        case("cropping_pads", &[1, 3, 9, 8], &[4, 3, 3, 3], 1, true, window(&[2, 1], &[], &[-1, 1, 0, -2])),
        case("many_workgroups", &[260, 256, 2, 3], &[256, 1, 2, 2], 256, true, window(&[], &[], &[])),
        case("asymmetric_pads", &[2, 3, 9, 14], &[5, 3, 3, 3], 1, true, window(&[1, 2], &[1, 1], &[1, 0, 2, 1])),
        case("grouped_dilated", &[1, 6, 11, 7], &[9, 2, 2, 3], 3, false, window(&[2, 1], &[2, 1], &[0, 1, 3, 2])),
        case("pointwise", &[2, 7, 5, 9], &[10, 7, 1, 1], 1, true, window(&[], &[], &[])),
        case("depthwise", &[1, 5, 8, 13], &[10, 1, 3, 5], 5, true, window(&[1, 1], &[1, 1], &[1, 2, 1, 2])),
        case("one_dimension", &[2, 3, 17], &[4, 3, 4], 1, true, window(&[2], &[1], &[1, 0])),
        case(
            "same_upper",
            &[1, 3, 10, 7],
            &[4, 3, 4, 3],
            1,
            false,
            Window { strides: vec![2, 3], auto_pad: AutoPad::SameUpper, ..Window::default() },
        ),
        case("vector_rows", &[2, 5, 7, 16], &[19, 5, 3, 3], 1, true, window(&[1, 1], &[1, 1], &[1, 1, 1, 1])),
        case("vector_rows_strided", &[1, 4, 9, 24], &[33, 4, 3, 3], 1, true, window(&[2, 2], &[1, 1], &[0, 1, 1, 1])),
        case("vector_rows_wide_kernel", &[1, 3, 6, 20], &[9, 3, 5, 7], 1, false, window(&[1, 3], &[1, 1], &[2, 3, 2, 3])),
        case("vector_rows_dilated", &[1, 4, 9, 16], &[6, 2, 3, 3], 2, true, window(&[1, 1], &[1, 3], &[1, 3, 1, 3])),
        case("vector_rows_cropping", &[1, 3, 6, 16], &[4, 3, 2, 3], 1, true, window(&[1, 2], &[1, 1], &[-1, -2, 1, 3])),
        case("pointwise_vectors", &[2, 6, 4, 10], &[20, 6, 1, 1], 1, true, window(&[], &[], &[])),
        case("winograd_no_padding", &[1, 9, 10, 12], &[17, 9, 3, 3], 1, true, window(&[], &[], &[])),
        case("winograd_odd", &[2, 8, 13, 19], &[12, 8, 3, 3], 1, true, window(&[], &[], &[2, 0, 1, 2])),
        case("winograd_large_tile", &[1, 20, 9, 12], &[64, 20, 3, 3], 1, true, window(&[], &[], &[1, 1, 1, 1])),
        case("winograd_two_blocks", &[2, 13, 7, 10], &[96, 13, 3, 3], 1, false, window(&[], &[], &[0, 1, 1, 0])),
        case("winograd_many_tiles", &[1, 4, 132, 128], &[16, 4, 3, 3], 1, true, window(&[], &[], &[1, 1, 1, 1])),
        case("wide", &[1, 8, 6, 70], &[24, 8, 3, 3], 1, true, window(&[1, 1], &[1, 1], &[1, 1, 1, 1])),
    ]
}
