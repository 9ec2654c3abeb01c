use super::ConvTranspose;
use crate::Case;
use crate::ops::util::random_f32;
use crate::ops::window::{AutoPad, Window};

/// Cases of ConvTranspose.
pub fn cases() -> Vec<Case> {
    let case = |name: &str, x: &[usize], w: &[usize], op: ConvTranspose, bias: bool| {
        let mut inputs = vec![random_f32(x, 1), random_f32(w, 2)];
        if bias {
            inputs.push(random_f32(&[w[1] * op.group], 3));
        }
        Case::new(name, op, inputs).constants_from(1)
    };
    let window = |strides: &[usize], dilations: &[usize], pads: &[i64]| Window {
        strides: strides.to_vec(),
        dilations: dilations.to_vec(),
        pads: pads.to_vec(),
        ..Window::default()
    };
    let plain = |group: usize, window: Window| ConvTranspose { group, window, ..ConvTranspose::default() };
    let mut cases = vec![
        case("upsample_2x", &[2, 5, 6, 9], &[5, 7, 4, 4], plain(1, window(&[2, 2], &[], &[1, 1, 1, 1])), true),
        case("vector_rows", &[1, 5, 6, 8], &[5, 18, 4, 4], plain(1, window(&[2, 2], &[], &[1, 1, 1, 1])), true),
        case("stride_beyond_kernel", &[1, 3, 4, 8], &[3, 4, 2, 2], plain(1, window(&[3, 4], &[], &[])), true),
        case("asymmetric_pads", &[1, 3, 7, 4], &[3, 5, 3, 2], plain(1, window(&[1, 3], &[], &[1, 0, 2, 1])), false),
        case("grouped_dilated", &[2, 6, 5, 8], &[6, 2, 2, 3], plain(3, window(&[2, 1], &[2, 3], &[])), true),
        case(
            "output_padding",
            &[1, 4, 5, 6],
            &[4, 3, 3, 3],
            ConvTranspose { output_padding: vec![1, 2], ..plain(1, window(&[2, 3], &[], &[1, 1, 1, 1])) },
            true,
        ),
        case(
            "output_shape",
            &[1, 2, 3, 3],
            &[2, 2, 3, 3],
            ConvTranspose { output_shape: vec![10, 8], ..plain(1, window(&[3, 2], &[], &[])) },
            false,
        ),
        case("one_dimension", &[2, 3, 11], &[3, 4, 5], plain(1, window(&[2], &[], &[2, 1])), true),
        case("three_dimensions", &[1, 2, 3, 4, 5], &[2, 3, 2, 3, 2], plain(1, window(&[2, 1, 2], &[], &[0, 1, 0, 1, 0, 1])), true),
        case("depthwise", &[1, 6, 5, 7], &[6, 1, 3, 3], plain(6, window(&[2, 2], &[], &[1, 1, 0, 0])), true),
    ];
    let same = Window { auto_pad: AutoPad::SameLower, ..window(&[2, 3], &[], &[]) };
    cases.push(case("same_lower", &[1, 2, 4, 5], &[2, 3, 3, 4], plain(1, same), false));
    let mut variable = case("variable_weights", &[1, 3, 4, 6], &[3, 5, 3, 2], plain(1, window(&[2, 1], &[], &[])), true);
    variable.constant = vec![false; 3];
    cases.push(variable);
    cases
}
