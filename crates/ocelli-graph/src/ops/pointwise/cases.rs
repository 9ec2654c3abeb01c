use ocelli_tensor::{DType, Tensor};

use super::{Pointwise, PointwiseStep, StepInput};
use crate::ops::binary::{Binary, BinaryKind};
use crate::ops::cast::Cast;
use crate::ops::clip::Clip;
use crate::ops::unary::{Unary, UnaryKind};
use crate::ops::util::random_f32;
use crate::{Case, Op};

/// Cases of fused chains: a chain with a scalar constant, a diamond with a broadcast operand, changes of dtype.
pub fn cases() -> Vec<Case> {
    let step = |op: Op, inputs: &[StepInput]| PointwiseStep { op, inputs: inputs.iter().copied().map(Some).collect() };
    let (input, result) = (StepInput::Input, StepInput::Step);
    let binary = |kind| Op::from(Binary { kind });
    let unary = |kind| Op::from(Unary { kind });
    let scaled_relu = Pointwise {
        steps: vec![step(binary(BinaryKind::Mul), &[input(0), input(1)]), step(unary(UnaryKind::Relu), &[result(0)])],
    };
    let silu_residual = Pointwise {
        steps: vec![
            step(unary(UnaryKind::Sigmoid), &[input(0)]),
            step(binary(BinaryKind::Mul), &[input(0), result(0)]),
            step(binary(BinaryKind::Add), &[result(1), input(1)]),
        ],
    };
    let to_u8 = Pointwise {
        steps: vec![
            step(binary(BinaryKind::Mul), &[input(0), input(1)]),
            step(Clip.into(), &[result(0), input(2), input(3)]),
            step(Cast { to: Some(DType::U8) }.into(), &[result(1)]),
        ],
    };
    vec![
        Case::new("scaled_relu", scaled_relu, vec![random_f32(&[2, 3, 5, 7], 1), Tensor::scalar(0.2f32)]).constants_from(1),
        Case::new("silu_residual", silu_residual, vec![random_f32(&[2, 3, 5, 7], 1), random_f32(&[3, 1, 7], 2)]),
        Case::new("to_u8", to_u8, vec![random_f32(&[4, 9], 1), Tensor::scalar(300.0f32), Tensor::scalar(0.0f32), Tensor::scalar(255.0f32)])
            .constants_from(1),
    ]
}
