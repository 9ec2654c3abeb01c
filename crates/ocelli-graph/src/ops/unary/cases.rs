use super::{Unary, UnaryKind};
use crate::Case;
use crate::ops::util::random_f32;

/// Cases of the unary functions.
pub fn cases() -> Vec<Case> {
    [("relu", UnaryKind::Relu), ("leaky", UnaryKind::LeakyRelu { alpha: 0.2 }), ("sigmoid", UnaryKind::Sigmoid), ("tanh", UnaryKind::Tanh)]
        .into_iter()
        .map(|(name, kind)| Case::new(name, Unary { kind }, vec![random_f32(&[2, 3, 5, 7], 1)]))
        .collect()
}
