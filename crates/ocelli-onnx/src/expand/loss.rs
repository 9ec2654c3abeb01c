//! Losses over class scores.

use ocelli_graph::ValueId;

use crate::call::call;
use crate::node::{Converted, NodeCx};
use crate::ops::Convert;

pub(super) const OPS: &[(&str, Convert)] = &[
    ("NegativeLogLikelihoodLoss", negative_log_likelihood),
    ("SoftmaxCrossEntropyLoss", softmax_cross_entropy),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Reduction {
    Mean,
    Sum,
    None,
}

fn negative_log_likelihood(cx: &mut NodeCx<'_>) -> Converted {
    let x = cx.input(0)?;
    loss(cx, x)
}

/// The likelihood loss of `LogSoftmax` over axis 1, which is the second output.
fn softmax_cross_entropy(cx: &mut NodeCx<'_>) -> Converted {
    let scores = cx.input(0)?;
    let log_softmax = cx.apply(call("LogSoftmax").int("axis", 1), &[scores])?;
    cx.finish_output(1, call("Identity"), &[log_softmax])?;
    loss(cx, log_softmax)
}

/// `-weight[target] * x[n, target, ...]`, reduced; positions where the target is `ignore_index` count nothing.
fn loss(cx: &mut NodeCx<'_>, x: ValueId) -> Converted {
    let reduction = cx.attributes().choice(
        "reduction",
        &[
            ("mean", Reduction::Mean),
            ("sum", Reduction::Sum),
            ("none", Reduction::None),
        ],
    )?;
    let ignore = cx.attributes().int("ignore_index")?;
    let (target, weight) = (cx.input(1)?, cx.optional(2));
    let channel = cx.i64s(&[1])?;
    let mut index = target;
    let mut ignored = None;
    if let Some(ignore) = ignore {
        let ignore = cx.int_like(ignore, target)?;
        let mask = cx.apply(call("Equal"), &[target, ignore])?;
        let zero = cx.int_like(0, target)?;
        index = cx.apply(call("Where"), &[mask, zero, target])?;
        ignored = Some(mask);
    }
    let column = cx.apply(call("Unsqueeze"), &[index, channel])?;
    let picked = cx.apply(call("GatherElements").int("axis", 1), &[x, column])?;
    let picked = cx.apply(call("Squeeze"), &[picked, channel])?;
    let mut loss = cx.apply(call("Neg"), &[picked])?;
    // The weight of each position; `None` where every position counts one.
    let mut weights = match weight {
        Some(weight) => Some(cx.apply(call("Gather").int("axis", 0), &[weight, index])?),
        None => None,
    };
    if let Some(ignored) = ignored {
        let zero = cx.float_like(0.0, x)?;
        let counted = match weights {
            Some(weights) => weights,
            None => cx.float_like(1.0, x)?,
        };
        weights = Some(cx.apply(call("Where"), &[ignored, zero, counted])?);
    }
    if let Some(weights) = weights {
        loss = cx.apply(call("Mul"), &[loss, weights])?;
    }
    let sum = || call("ReduceSum").int("keepdims", 0);
    match (reduction, weights) {
        (Reduction::None, _) => cx.finish_output(0, call("Identity"), &[loss]),
        (Reduction::Sum, _) => cx.finish_output(0, sum(), &[loss]),
        (Reduction::Mean, None) => {
            cx.finish_output(0, call("ReduceMean").int("keepdims", 0), &[loss])
        }
        (Reduction::Mean, Some(weights)) => {
            let total = cx.apply(sum(), &[loss])?;
            let count = cx.apply(sum(), &[weights])?;
            cx.finish_output(0, call("Div"), &[total, count])
        }
    }
}
