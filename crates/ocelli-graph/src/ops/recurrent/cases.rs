use super::{Activation, Cell, Direction, Recurrent};
use crate::Case;
use crate::ops::util::random_f32;
use ocelli_tensor::Tensor;

/// Cases of the recurrent layers: every cell, direction and layout, sequence lengths, peepholes, clipping.
pub fn cases() -> Vec<Case> {
    let (steps, batch, input, hidden) = (5, 3, 4, 6);
    let layer = |cell, direction, batch_first| Recurrent {
        cell,
        hidden_size: hidden,
        direction,
        clip: None,
        activations: Vec::new(),
        batch_first,
    };
    let case = |name: &str, op: Recurrent, states: bool| {
        let d = if op.direction == Direction::Bidirectional { 2 } else { 1 };
        let gates = match op.cell {
            Cell::Rnn => 1,
            Cell::Gru { .. } => 3,
            Cell::Lstm { .. } => 4,
        };
        let lstm = gates == 4;
        let x = if op.batch_first { [batch, steps, input] } else { [steps, batch, input] };
        let state = if op.batch_first { [batch, d, hidden] } else { [d, batch, hidden] };
        let mut inputs = vec![
            random_f32(&x, 1),
            random_f32(&[d, gates * hidden, input], 2),
            random_f32(&[d, gates * hidden, hidden], 3),
            random_f32(&[d, 2 * gates * hidden], 4),
        ];
        if states {
            inputs.push(Tensor::vector(vec![5i32, 2, 4]));
            inputs.push(random_f32(&state, 5));
            if lstm {
                inputs.push(random_f32(&state, 6));
                inputs.push(random_f32(&[d, 3 * hidden], 7));
            }
        }
        Case::new(name, op, inputs).outputs(if lstm { 3 } else { 2 })
    };
    let (gru, lstm) = (Cell::Gru { linear_before_reset: false }, Cell::Lstm { input_forget: false });
    let mut clipped = layer(lstm, Direction::Forward, false);
    clipped.clip = Some(0.4);
    clipped.activations = vec![Activation::HardSigmoid { alpha: 0.3, beta: 0.5 }, Activation::Relu, Activation::Softsign];
    vec![
        case("rnn", layer(Cell::Rnn, Direction::Forward, false), false),
        case("rnn_both_lengths", layer(Cell::Rnn, Direction::Bidirectional, false), true),
        case("gru_reverse", layer(gru, Direction::Reverse, false), true),
        case("gru_linear", layer(Cell::Gru { linear_before_reset: true }, Direction::Forward, true), false),
        case("lstm", layer(lstm, Direction::Forward, false), false),
        case("lstm_both_peepholes", layer(lstm, Direction::Bidirectional, true), true),
        case("lstm_clipped", clipped, false),
    ]
}
