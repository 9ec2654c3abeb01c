//! RNN, GRU, LSTM.

use ocelli_graph::ops::recurrent::{Activation, Cell, Direction, Recurrent};

use super::Convert;
use crate::ImportError;
use crate::node::{Converted, NodeCx};

pub(super) const OPS: &[(&str, Convert)] = &[
    ("GRU", |cx| {
        let linear_before_reset = cx.attributes().flag("linear_before_reset", false)?;
        recurrent(cx, Cell::Gru { linear_before_reset })
    }),
    ("LSTM", |cx| {
        let input_forget = cx.attributes().flag("input_forget", false)?;
        recurrent(cx, Cell::Lstm { input_forget })
    }),
    ("RNN", |cx| recurrent(cx, Cell::Rnn)),
];

/// `output_sequence` of version 1 only says whether the first output is asked for, which the node shows.
fn recurrent(cx: &mut NodeCx<'_>, cell: Cell) -> Converted {
    let attributes = cx.attributes();
    let op = Recurrent {
        cell,
        hidden_size: attributes.size("hidden_size")?.unwrap_or(0),
        direction: attributes.choice(
            "direction",
            &[
                ("forward", Direction::Forward),
                ("reverse", Direction::Reverse),
                ("bidirectional", Direction::Bidirectional),
            ],
        )?,
        clip: attributes.float("clip")?,
        activations: activations(cx)?,
        batch_first: attributes.flag("layout", false)?,
    };
    cx.push(op)
}

/// The activations with their parameters, which are listed in turn for those that have one.
fn activations(cx: &NodeCx<'_>) -> Result<Vec<Activation>, ImportError> {
    let attributes = cx.attributes();
    let mut alphas = attributes.floats("activation_alpha")?.unwrap_or_default().iter().copied();
    let mut betas = attributes.floats("activation_beta")?.unwrap_or_default().iter().copied();
    let mut all = Vec::new();
    for name in attributes.strings("activations")? {
        let mut alpha = |default: f32| alphas.next().unwrap_or(default);
        let mut beta = |default: f32| betas.next().unwrap_or(default);
        all.push(match name.to_ascii_lowercase().as_str() {
            "relu" => Activation::Relu,
            "tanh" => Activation::Tanh,
            "sigmoid" => Activation::Sigmoid,
            "softsign" => Activation::Softsign,
            "softplus" => Activation::Softplus,
            "affine" => Activation::Affine { alpha: alpha(1.0), beta: beta(0.0) },
            "leakyrelu" => Activation::LeakyRelu { alpha: alpha(0.01) },
            "thresholdedrelu" => Activation::ThresholdedRelu { alpha: alpha(1.0) },
            "scaledtanh" => Activation::ScaledTanh { alpha: alpha(1.0), beta: beta(1.0) },
            "hardsigmoid" => Activation::HardSigmoid { alpha: alpha(0.2), beta: beta(0.5) },
            "elu" => Activation::Elu { alpha: alpha(1.0) },
            _ => {
                return Err(attributes.error("activations", format!("unknown activation '{name}'")));
            }
        });
    }
    Ok(all)
}
