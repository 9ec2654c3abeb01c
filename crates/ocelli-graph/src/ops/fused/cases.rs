use ocelli_tensor::Tensor;

use super::Fused;
use crate::ops::binary::{Binary, BinaryKind};
use crate::ops::conv::Conv;
use crate::ops::conv_transpose::ConvTranspose;
use crate::ops::pointwise::{Pointwise, PointwiseStep, StepInput};
use crate::ops::unary::{Unary, UnaryKind};
use crate::ops::util::random_f32;
use crate::ops::window::Window;
use crate::{Case, Op};

/// Cases of fused convolutions: an activation, PReLU per channel, a scaled residual, a transposed one, one dimension.
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
        Box::new(Op::from(Conv { group: 1, window }))
    };
    let operands = || vec![random_f32(&[2, 3, 9, 14], 1), random_f32(&[5, 3, 3, 3], 2), random_f32(&[5], 3)];
    let with = |mut all: Vec<Tensor>, more: Vec<Tensor>| {
        all.extend(more);
        all
    };
    let mut no_bias = Case::new("no_bias", Fused { op: conv(), chain: relu() }, operands()).constants_from(1);
    no_bias.inputs[2] = None;
    let mut residual = Case::new(
        "scaled_residual",
        Fused { op: conv(), chain: residual },
        with(operands(), vec![Tensor::scalar(0.2f32), random_f32(&[2, 5, 10, 7], 4)]),
    )
    .constants_from(1);
    residual.constant[4] = false;
    let transposed = ConvTranspose { group: 1, window: Window { strides: vec![2, 2], ..Window::default() }, ..ConvTranspose::default() };
    vec![
        Case::new("relu", Fused { op: conv(), chain: relu() }, operands()).constants_from(1),
        no_bias,
        Case::new("prelu", Fused { op: conv(), chain: prelu }, with(operands(), vec![random_f32(&[5, 1, 1], 5)])).constants_from(1),
        residual,
        Case::new(
            "transposed",
            Fused { op: Box::new(transposed.into()), chain: relu() },
            vec![random_f32(&[1, 3, 5, 4], 1), random_f32(&[3, 6, 3, 2], 2), random_f32(&[6], 3)],
        )
        .constants_from(1),
        Case::new(
            "one_dimension",
            Fused { op: Box::new(Conv { group: 1, window: Window::default() }.into()), chain: Pointwise::single(binary(BinaryKind::Add), [true, true]) },
            vec![random_f32(&[2, 3, 17], 1), random_f32(&[4, 3, 4], 2), random_f32(&[4], 3), random_f32(&[2, 4, 14], 6)],
        )
        .constants_from(1),
    ]
}
