//! [RNN](https://onnx.ai/onnx/operators/onnx__RNN.html), [GRU](https://onnx.ai/onnx/operators/onnx__GRU.html) and
//! [LSTM](https://onnx.ai/onnx/operators/onnx__LSTM.html). D is the number of directions, H the hidden size, G the number of
//! gates (1, 3 in the order `z r h`, 4 in the order `i o f c`).
//!
//! | | shape (layout 0) |
//! |---|---|
//! | X | `[steps, batch, I]` |
//! | W, R | `[D, G * H, I]`, `[D, G * H, H]` |
//! | B (optional) | `[D, 2 * G * H]`: of W, then of R |
//! | sequence_lens (optional) | `[batch]` int32 |
//! | initial_h, initial_c (LSTM) (optional) | `[D, batch, H]` |
//! | P (LSTM, optional) | `[D, 3 * H]` in the order `i o f` |
//! | Y | `[steps, D, batch, H]` |
//! | Y_h, Y_c (LSTM) | `[D, batch, H]` |
//!
//! With layout 1 the batch is the first dimension of X, Y, the initial states and the final ones.

#[allow(missing_docs, reason = "one function")]
pub mod cases;

mod activation;
mod reference;

pub use activation::Activation;

use ocelli_tensor::Tensor;
use ocelli_tensor::DType;

use super::bounds::bounded;
use super::numeric::{FLOATS, expect_shape};

use crate::{InferCx, OpError, Operator, TensorType, operator::Outputs};

/// Which cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cell {
    /// RNN.
    Rnn,
    /// GRU.
    Gru {
        /// Whether the reset gate acts behind the product with R.
        linear_before_reset: bool,
    },
    /// LSTM.
    Lstm {
        /// Whether the forget gate is 1 less the input gate.
        input_forget: bool,
    },
}

/// Order of the steps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Direction {
    /// First to last.
    #[default]
    Forward,
    /// Last to first.
    Reverse,
    /// Both, each with its own weights.
    Bidirectional,
}

/// A recurrent layer.
#[derive(Clone, Debug, PartialEq)]
pub struct Recurrent {
    /// Which cell.
    pub cell: Cell,
    /// Hidden size; 0 takes that of R.
    pub hidden_size: usize,
    /// Order of the steps.
    pub direction: Direction,
    /// Bound of the magnitude of what goes into activations.
    pub clip: Option<f32>,
    /// Activations of each direction in turn (1, 2 or 3 each); empty for the defaults.
    pub activations: Vec<Activation>,
    /// Whether the batch is the first dimension (`layout` 1).
    pub batch_first: bool,
}

/// The sizes of a layer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sizes {
    pub steps: usize,
    pub batch: usize,
    pub input: usize,
    pub hidden: usize,
    pub directions: usize,
    pub gates: usize,
}

impl Recurrent {
    pub(crate) fn sizes(&self, x: &[usize], r: &[usize]) -> Result<Sizes, OpError> {
        let (&[first, second, input], &[directions, _, hidden]) = (x, r) else {
            return Err(OpError::invalid(format!("expected X and R of rank 3, got {x:?} and {r:?}")));
        };
        let expected = if self.direction == Direction::Bidirectional { 2 } else { 1 };
        if directions != expected || (self.hidden_size != 0 && self.hidden_size != hidden) {
            return Err(OpError::invalid(format!("R {r:?} does not fit {expected} directions of {} units", self.hidden_size)));
        }
        let (steps, batch) = if self.batch_first { (second, first) } else { (first, second) };
        let gates = match self.cell {
            Cell::Rnn => 1,
            Cell::Gru { .. } => 3,
            Cell::Lstm { .. } => 4,
        };
        Ok(Sizes { steps, batch, input, hidden, directions, gates })
    }

    /// The activations of a direction.
    pub(crate) fn functions(&self, direction: usize) -> Vec<Activation> {
        let defaults = match self.cell {
            Cell::Rnn => vec![Activation::Tanh],
            Cell::Gru { .. } => vec![Activation::Sigmoid, Activation::Tanh],
            Cell::Lstm { .. } => vec![Activation::Sigmoid, Activation::Tanh, Activation::Tanh],
        };
        let at = direction * defaults.len();
        self.activations.get(at..at + defaults.len()).map_or(defaults, <[Activation]>::to_vec)
    }
}

impl Operator for Recurrent {
    fn name(&self) -> &'static str {
        match self.cell {
            Cell::Rnn => "RNN",
            Cell::Gru { .. } => "GRU",
            Cell::Lstm { .. } => "LSTM",
        }
    }

    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, OpError> {
        cx.expect_dtype(0, &FLOATS)?;
        let (x, w, r) = (cx.input(0)?, cx.input(1)?, cx.input(2)?);
        let s = self.sizes(&x.shape, &r.shape)?;
        let rows = s.gates.checked_mul(s.hidden).ok_or_else(|| OpError::invalid("sizes overflow"))?;
        expect_shape("W", w, &[s.directions, rows, s.input])?;
        expect_shape("R", r, &[s.directions, rows, s.hidden])?;
        let state = if self.batch_first { [s.batch, s.directions, s.hidden] } else { [s.directions, s.batch, s.hidden] };
        let lstm = matches!(self.cell, Cell::Lstm { .. });
        for (i, what, shape) in [
            (3, "B", vec![s.directions, 2 * rows]),
            (4, "sequence_lens", vec![s.batch]),
            (5, "initial_h", state.to_vec()),
            (6, "initial_c", state.to_vec()),
            (7, "P", vec![s.directions, 3 * s.hidden]),
        ] {
            let Some(got) = cx.optional(i) else { continue };
            if i > 5 && !lstm {
                return Err(OpError::invalid(format!("input {i} is one of LSTM alone")));
            }
            cx.expect_dtype(i, if i == 4 { &[DType::I32] } else { &FLOATS })?;
            expect_shape(what, got, &shape)?;
        }
        let y = if self.batch_first {
            [s.batch, s.steps, s.directions, s.hidden]
        } else {
            [s.steps, s.directions, s.batch, s.hidden]
        };
        let state = bounded(x.dtype, state)?;
        let mut all = vec![bounded(x.dtype, y)?, state.clone()];
        if lstm {
            all.push(state);
        }
        Ok(all)
    }

    fn evaluate(&self, inputs: &[Option<Tensor>], _outputs: usize) -> Outputs {
        reference::evaluate(self, inputs)
    }
}
