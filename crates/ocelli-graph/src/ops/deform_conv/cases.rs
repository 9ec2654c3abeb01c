use ocelli_tensor::DType;

use super::DeformConv;
use crate::Case;
use crate::ops::util::{case_tensor, random_f32};
use crate::ops::window::Window;

/// Cases of DeformConv.
pub fn cases() -> Vec<Case> {
    let case = |name: &str, x: [usize; 4], w: [usize; 4], out: [usize; 2], op: DeformConv, mask: bool| {
        let taps = op.offset_group * w[2] * w[3];
        // Offsets up to two pixels, so that some samples leave the input.
        let shape = [x[0], taps * 2, out[0], out[1]];
        let offsets: Vec<f64> = random_f32(&shape, 3).to_f64s().iter().map(|o| o * 2.0).collect();
        let mut inputs = vec![random_f32(&x, 1), random_f32(&w, 2), case_tensor(DType::F32, &shape, &offsets)];
        inputs.push(random_f32(&[w[0]], 4));
        if mask {
            inputs.push(random_f32(&[x[0], taps, out[0], out[1]], 5));
        }
        let mut case = Case::new(name, op, inputs);
        (case.constant[1], case.constant[3]) = (true, true);
        case
    };
    let window = |strides: &[usize], dilations: &[usize], pads: &[i64]| Window {
        strides: strides.to_vec(),
        dilations: dilations.to_vec(),
        pads: pads.to_vec(),
        ..Window::default()
    };
    let op = |group, offset_group, window| DeformConv { group, offset_group, window };
    let mut cases = vec![
        case("plain", [2, 3, 6, 8], [5, 3, 3, 3], [6, 8], op(1, 1, window(&[1, 1], &[1, 1], &[1, 1, 1, 1])), false),
        case("mask_strided", [1, 4, 9, 7], [6, 4, 3, 2], [5, 3], op(1, 2, window(&[2, 2], &[1, 2], &[1, 0, 1, 1])), true),
        case("grouped", [1, 6, 5, 7], [4, 3, 2, 2], [4, 6], op(2, 3, window(&[], &[], &[])), true),
    ];
    let mut bare = case("no_bias", [1, 2, 5, 4], [3, 2, 2, 3], [4, 2], op(1, 1, window(&[], &[], &[])), true);
    bare.inputs[3] = None;
    cases.push(bare);
    cases
}
