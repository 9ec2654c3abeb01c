use ocelli_shaders::Elem;
use ocelli_shaders::pointwise::{Arg, Fun, Literal, Program, Step};

use super::{Unary, UnaryKind};
use crate::OpError;
use crate::plan::LowerCx;

pub(super) fn lower(op: &Unary, cx: &mut LowerCx<'_>) -> Result<(), OpError> {
    let ty = cx.input(0)?.elem;
    let x = Arg::Input(0);
    let (fun, args) = match op.kind {
        UnaryKind::Relu => (Fun::Relu, vec![x]),
        UnaryKind::LeakyRelu { alpha } => (Fun::LeakyRelu, vec![x, Arg::Literal(Literal::f32(alpha))]),
        UnaryKind::Sigmoid => (Fun::Sigmoid, vec![x]),
        UnaryKind::Tanh => (Fun::Tanh, vec![x]),
        _ => return Err(OpError::host_only("no kernel yet")),
    };
    if ty != Elem::F32 && fun != Fun::Relu {
        return Err(OpError::host_only("an integer tensor"));
    }
    cx.pointwise(Program { inputs: vec![ty], steps: vec![Step { fun, args, ty }] })
}
