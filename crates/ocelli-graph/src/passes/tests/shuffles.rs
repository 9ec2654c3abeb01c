//! Pixels that change places with channels.

use super::*;
use crate::ops::concat::Concat;
use crate::ops::depth_to_space::{DepthSpaceKind, DepthToSpace};
use crate::ops::reshape::{Reshape, ReshapeKind};
use crate::ops::resize::{CoordinateMode, NearestMode, Resize, ResizeMode};
use crate::ops::slice::Slice;

fn reshape(b: &mut Build, x: ValueId, shape: &[i64]) -> ValueId {
    let shape = b.constant(i64s(shape));
    b.node(Reshape { kind: ReshapeKind::Reshape { allow_zero: false } }, &[x, shape])
}

/// `Reshape, Transpose, Reshape` of a picture of 12 channels to one of 3.
fn moved(b: &mut Build, parts: [i64; 6], perm: [i64; 6], height: i64) -> ValueId {
    let x = b.input(&[2, 12, 3, 5]);
    let p = reshape(b, x, &parts);
    let q = b.node(Transpose { perm: Some(perm.to_vec()) }, &[p]);
    reshape(b, q, &[2, 3, height, -1])
}

#[test]
fn three_operators_that_shuffle_are_found() {
    let mut b = Build::default();
    let y = moved(&mut b, [2, 3, 2, 2, 3, 5], [0, 1, 4, 2, 5, 3], 6);
    assert_eq!(b.check(Some("find_shuffle"), &[y]), ["DepthToSpace"]);
    let mut b = Build::default();
    let y = moved(&mut b, [2, 2, 2, 3, 3, 5], [0, 3, 4, 1, 5, 2], 6);
    assert_eq!(b.check(Some("find_shuffle"), &[y]), ["DepthToSpace"]);
    // Rows and columns of the block exchanged, and blocks that are not square.
    let mut b = Build::default();
    let y = moved(&mut b, [2, 3, 2, 2, 3, 5], [0, 1, 4, 3, 5, 2], 6);
    assert_eq!(b.check(Some("find_shuffle"), &[y]), ["Reshape", "Transpose", "Reshape"]);
    let mut b = Build::default();
    let y = moved(&mut b, [2, 3, 4, 1, 3, 5], [0, 1, 4, 2, 5, 3], 12);
    assert_eq!(b.check(Some("find_shuffle"), &[y]), ["Reshape", "Transpose", "Reshape"]);
}

/// Convolution, shuffle by 2 and the sum with a picture that is enlarged in this way.
fn upscaled(b: &mut Build, resize: Resize) -> ValueId {
    let x = b.input(&[1, 3, 5, 4]);
    let (w, small) = (b.constant(random_f32(&[12, 3, 4, 2], 5)), b.input(&[1, 3, 5, 4]));
    let c = b.node(conv(), &[x, w]);
    let slope = b.constant(random_f32(&[12, 1, 1], 6));
    let c = b.node(binary(BinaryKind::PRelu), &[c, slope]);
    let d = b.node(DepthToSpace { kind: DepthSpaceKind::Crd, blocksize: 2 }, &[c]);
    let scales = b.constant(Tensor::vector(vec![1.0f32, 1.0, 2.0, 2.0]));
    let name = "enlarged";
    let large = b.graph.add_node(name, resize.into(), &[Some(small), None, Some(scales)], 1)[0];
    b.node(binary(BinaryKind::Add), &[large, d])
}

#[test]
fn a_convolution_takes_the_shuffle_and_the_sum_behind_it() {
    let nearest = Resize {
        coordinate_transformation_mode: CoordinateMode::Asymmetric,
        nearest_mode: NearestMode::Floor,
        ..Resize::default()
    };
    let mut b = Build::default();
    let y = upscaled(&mut b, nearest.clone());
    assert_eq!(b.check(None, &[y]), ["Conv"]);
    let mut b = Build::default();
    let y = upscaled(&mut b, Resize { coordinate_transformation_mode: CoordinateMode::HalfPixel, ..Resize::default() });
    assert_eq!(b.check(None, &[y]), ["Conv"]);
    // Interpolated pixels, and pixels that are not those of their block.
    let mut b = Build::default();
    let y = upscaled(&mut b, Resize { mode: ResizeMode::Linear, ..nearest.clone() });
    assert_eq!(b.check(None, &[y]), ["Resize", "Conv"]);
    let mut b = Build::default();
    let y = upscaled(&mut b, Resize { nearest_mode: NearestMode::Ceil, ..nearest });
    assert_eq!(b.check(None, &[y]), ["Resize", "Conv"]);
}

#[test]
fn shuffles_that_somebody_else_reads_stay() {
    let mut b = Build::default();
    let (x, w) = (b.input(&[1, 3, 5, 4]), b.constant(random_f32(&[8, 3, 4, 2], 5)));
    let c = b.node(conv(), &[x, w]);
    let d = b.node(DepthToSpace { kind: DepthSpaceKind::Dcr, blocksize: 2 }, &[c]);
    assert_eq!(b.check(None, &[d, c]), ["Conv", "DepthToSpace"]);
}

/// Every `step`-th row and column of x from these on, one Slice for each dimension.
fn every(b: &mut Build, x: ValueId, step: i64, start: [i64; 2]) -> ValueId {
    [2, 3].into_iter().zip(start).fold(x, |x, (axis, first)| {
        let operands = [first, i64::MAX, axis, step].map(|v| b.constant(i64s(&[v])));
        b.node(Slice, &[&[x], &operands[..]].concat())
    })
}

#[test]
fn gathered_pixels_become_a_larger_window() {
    let gathered = |b: &mut Build, starts: [[i64; 2]; 4], step: i64| {
        let x = b.input(&[2, 3, 8, 12]);
        let parts = starts.map(|s| every(b, x, step, s));
        b.node(Concat { axis: 1 }, &parts)
    };
    let convolved = |b: &mut Build, x: ValueId| {
        let (w, bias) = (b.constant(random_f32(&[5, 12, 3, 2], 5)), b.constant(random_f32(&[5], 6)));
        let window = Window { pads: vec![1, 0, 2, 1], strides: vec![1, 2], ..Window::default() };
        b.node(Conv { group: 1, window }, &[x, w, bias])
    };
    let focus = [[0, 0], [1, 0], [0, 1], [1, 1]];
    let mut b = Build::default();
    let x = gathered(&mut b, focus, 2);
    let y = convolved(&mut b, x);
    assert_eq!(b.check(Some("fold_focus"), &[y]), ["Conv"]);
    // Parts that come twice add up; parts of another distance, and ones that somebody else reads, stay.
    let mut b = Build::default();
    let x = gathered(&mut b, [[1, 1], [1, 1], [0, 1], [0, 0]], 2);
    let y = convolved(&mut b, x);
    assert_eq!(b.check(Some("fold_focus"), &[y]), ["Conv"]);
    let mut b = Build::default();
    let x = gathered(&mut b, focus, 2);
    let y = convolved(&mut b, x);
    assert!(b.check(Some("fold_focus"), &[y, x]).contains(&"Concat"));
    let mut b = Build::default();
    let x = b.input(&[1, 3, 8, 6]);
    let s = b.node(DepthToSpace { kind: DepthSpaceKind::SpaceToDepth, blocksize: 2 }, &[x]);
    let y = convolved(&mut b, s);
    assert_eq!(b.check(Some("fold_focus"), &[y]), ["Conv"]);
    // A picture whose rows are no whole blocks.
    let mut b = Build::default();
    let x = b.input(&[1, 6, 7, 6]);
    let parts = [[0, 0], [0, 1]].map(|s| every(&mut b, x, 2, s));
    let x = b.node(Concat { axis: 1 }, &parts);
    let y = convolved(&mut b, x);
    assert!(b.check(Some("fold_focus"), &[y]).contains(&"Concat"));
}
