//! Losses over class scores.

use ocelli_graph::ops::loss::{Loss, LossKind, Reduction};

use super::Convert;
use crate::node::{Converted, NodeCx};

pub(super) const OPS: &[(&str, Convert)] = &[
    ("NegativeLogLikelihoodLoss", |cx| loss(cx, LossKind::NegativeLogLikelihood)),
    ("SoftmaxCrossEntropyLoss", |cx| loss(cx, LossKind::SoftmaxCrossEntropy)),
];

fn loss(cx: &mut NodeCx<'_>, kind: LossKind) -> Converted {
    let attributes = cx.attributes();
    cx.push(Loss {
        kind,
        ignore_index: attributes.int("ignore_index")?,
        reduction: attributes
            .choice("reduction", &[("mean", Reduction::Mean), ("sum", Reduction::Sum), ("none", Reduction::None)])?,
    })
}
