use ocelli_tensor::Tensor;

use super::{Fused, Shuffle};
use crate::ops::binary::{Binary, BinaryKind};
use crate::ops::conv::Conv;
use crate::ops::conv_transpose::ConvTranspose;
use crate::ops::depth_to_space::DepthSpaceKind::{Crd, Dcr};
use crate::ops::depth_to_space::DepthToSpace;
use crate::ops::pointwise::{Pointwise, PointwiseStep, StepInput};
use crate::ops::unary::{Unary, UnaryKind};
use crate::ops::util::random_f32;
use crate::ops::window::Window;
use crate::{Case, Op};

/// Cases of fused convolutions: an activation, PReLU per channel, a scaled residual, a transposed one, one dimension, pixel shuffles.
pub fn cases() -> Vec<Case> {
    let step = |op: Op, inputs: &[StepInput]| PointwiseStep { op, inputs: inputs.iter().copied().map(Some).collect() };
    let (input, result) = (StepInput::Input, StepInput::Step);
    let binary = |kind| Op::from(Binary { kind });
    let relu = || Pointwise::single(Unary { kind: UnaryKind::Relu }.into(), [true]);
    let prelu = Pointwise::single(binary(BinaryKind::PRelu), [true, true]);
    let residual = Pointwise {
        steps: vec![step(binary(BinaryKind::Mul), &[input(0), input(1)]), step(binary(BinaryKind::Add), &[input(2), result(0)])],
    };
    let conv = || {
        let window = Window { strides: vec![1, 2], pads: vec![1, 0, 2, 1], ..Window::default() };
        Op::from(Conv { group: 1, window })
    };
    let operands = || vec![random_f32(&[2, 3, 9, 14], 1), random_f32(&[5, 3, 3, 3], 2), random_f32(&[5], 3)];
    let with = |mut all: Vec<Tensor>, more: Vec<Tensor>| {
        all.extend(more);
        all
    };
    let mut no_bias = Case::new("no_bias", Fused::new(conv(), relu()), operands()).constants_from(1);
    no_bias.inputs[2] = None;
    let mut residual = Case::new(
        "scaled_residual",
        Fused::new(conv(), residual),
        with(operands(), vec![Tensor::scalar(0.2f32), random_f32(&[2, 5, 10, 7], 4)]),
    )
    .constants_from(1);
    residual.constant[4] = false;
    let shuffle = |kind, blocksize, chain: Pointwise, enlarged: &[bool]| {
        Some(Shuffle { op: DepthToSpace { kind, blocksize }, chain, enlarged: enlarged.to_vec() })
    };
    let add = || Pointwise::single(binary(BinaryKind::Add), [true, true]);
    // What a super-resolution network ends with: slopes, the shuffle, the picture enlarged behind it.
    let shuffled = |name: &str, shuffle: Option<Shuffle>, chain: Pointwise, window: Window, w: [usize; 4], more: Vec<Tensor>| {
        let op = Fused { op: Box::new(Conv { group: 1, window }.into()), chain, shuffle };
        let inputs = with(vec![random_f32(&[2, w[1], 7, 12], 1), random_f32(&w, 2), random_f32(&[w[0]], 3)], more);
        let mut case = Case::new(name, op, inputs).constants_from(1);
        case.constant.iter_mut().skip(3).for_each(|c| *c = false);
        case
    };
    let same = || Window { pads: vec![1, 1, 1, 1], ..Window::default() };
    let uneven = || Window { strides: vec![2, 1], pads: vec![0, 1, 2, 0], ..Window::default() };
    let slopes_and_sum = || Pointwise {
        steps: vec![
            step(binary(BinaryKind::PRelu), &[input(0), input(1)]),
            step(binary(BinaryKind::Add), &[result(0), input(2)]),
        ],
    };
    let shuffles = [
        shuffled("crd_relu", shuffle(Crd, 2, relu(), &[]), prelu.clone(), same(), [12, 8, 3, 3], vec![random_f32(&[12, 1, 1], 4)]),
        shuffled("crd_enlarged", shuffle(Crd, 4, add(), &[true]), Pointwise::default(), same(), [48, 20, 3, 3], vec![random_f32(&[2, 3, 7, 12], 4)]),
        shuffled("dcr_uneven", shuffle(Dcr, 3, add(), &[false]), relu(), uneven(), [27, 4, 3, 2], vec![random_f32(&[2, 3, 12, 36], 4)]),
        shuffled("dcr_pointwise", shuffle(Dcr, 2, slopes_and_sum(), &[false, true]), Pointwise::default(), Window::default(), [20, 6, 1, 1], vec![random_f32(&[5, 1, 1], 4), random_f32(&[1, 5, 7, 12], 5)]),
        shuffled("dcr_residual", shuffle(Dcr, 2, add(), &[true]), add(), same(), [8, 9, 3, 3], vec![random_f32(&[2, 8, 7, 12], 4), random_f32(&[1, 2, 7, 12], 5)]),
    ];
    let transposed = ConvTranspose { group: 1, window: Window { strides: vec![2, 2], ..Window::default() }, ..ConvTranspose::default() };
    let mut all = vec![
        Case::new("relu", Fused::new(conv(), relu()), operands()).constants_from(1),
        no_bias,
        Case::new("prelu", Fused::new(conv(), prelu), with(operands(), vec![random_f32(&[5, 1, 1], 5)])).constants_from(1),
        residual,
        Case::new(
            "transposed",
            Fused::new(transposed.into(), relu()),
            vec![random_f32(&[1, 3, 5, 4], 1), random_f32(&[3, 6, 3, 2], 2), random_f32(&[6], 3)],
        )
        .constants_from(1),
        Case::new(
            "one_dimension",
            Fused::new(Conv { group: 1, window: Window::default() }.into(), Pointwise::single(binary(BinaryKind::Add), [true, true])),
            vec![random_f32(&[2, 3, 17], 1), random_f32(&[4, 3, 4], 2), random_f32(&[4], 3), random_f32(&[2, 4, 14], 6)],
        )
        .constants_from(1),
    ];
    all.extend(shuffles);
    all
}
