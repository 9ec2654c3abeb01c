//! Building blocks of lowerings: reductions, matrix products, softmax and normalization over views.

mod blocks;
mod normalize;
mod product;
pub(crate) mod quantized;
mod reduce;
mod softmax;

use ocelli_shaders::Elem;
use ocelli_shaders::pointwise::{Arg, Fun, Literal, Program, Step};

pub(crate) use blocks::blocks;
pub(crate) use normalize::{Normalization, normalize};
pub(crate) use product::product;
pub(crate) use reduce::{Reduction, lane_shape, reduce};
pub(crate) use softmax::softmax;

use crate::OpError;
use crate::plan::View;

/// A program over `f32` inputs, built step by step.
pub(crate) struct Chain(Program);

impl Chain {
    /// A program of this many inputs.
    pub fn new(inputs: usize) -> Chain {
        Chain(Program { inputs: vec![Elem::F32; inputs], steps: Vec::new() })
    }

    /// Adds a step and returns its result.
    pub fn step(&mut self, fun: Fun, args: &[Arg]) -> Arg {
        self.0.steps.push(Step { fun, args: args.to_vec(), ty: Elem::F32 });
        Arg::Step(self.0.steps.len() - 1)
    }

    /// The program; its result is the last step.
    pub fn done(self) -> Program {
        self.0
    }
}

/// A float literal.
pub(crate) fn number(x: f32) -> Arg {
    Arg::Literal(Literal::f32(x))
}

/// Errors with host placement unless the views hold floats.
pub(crate) fn expect_floats(views: &[&View]) -> Result<(), OpError> {
    if views.iter().all(|v| v.elem == Elem::F32) {
        return Ok(());
    }
    Err(OpError::host_only("an integer tensor"))
}
