//! Operators that the standard defines by others and that the graph has no operator for, one function each.
//!
//! An expansion is written with operators of the newest set (see [`crate::call`]). Where the graph gets an operator of
//! its own, the converter in [`crate::ops`] takes precedence.

mod attention;
mod loss;
mod normalization;
mod quantized;
mod rotary_embedding;
mod window;

use crate::ops::Convert;

pub(crate) const ALL: &[&[(&str, Convert)]] = &[
    attention::OPS,
    loss::OPS,
    normalization::OPS,
    quantized::OPS,
    rotary_embedding::OPS,
    window::OPS,
];
