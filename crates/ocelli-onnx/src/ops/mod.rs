//! One converter for each operator of the standard.
//!
//! A converter reads the attributes as the node's operator set defines them and adds graph operators, whose attributes
//! are those of the newest set: what older sets gave as attributes becomes constant inputs.

mod arg_reduce;
mod binary;
mod constant;
mod control;
mod conv;
mod depth_to_space;
mod elementwise;
mod forms;
mod generate;
mod indexing;
mod loss;
mod matmul;
mod normalization;
mod pad;
mod parts;
mod pool;
mod quantize;
mod random;
mod recurrent;
mod reduce;
mod resize;
mod selection;
mod sequence;
mod shape;
mod signal;
mod softmax;
mod top_k;
mod unary;
mod window;

use crate::expand;
use crate::node::{Converted, NodeCx};

/// Converts one node.
pub type Convert = fn(&mut NodeCx<'_>) -> Converted;

const STANDARD: &[&[(&str, Convert)]] = &[
    arg_reduce::OPS,
    binary::OPS,
    constant::OPS,
    control::OPS,
    conv::OPS,
    depth_to_space::OPS,
    elementwise::OPS,
    generate::OPS,
    indexing::OPS,
    loss::OPS,
    matmul::OPS,
    normalization::OPS,
    pad::OPS,
    parts::OPS,
    pool::OPS,
    quantize::OPS,
    random::OPS,
    recurrent::OPS,
    reduce::OPS,
    resize::OPS,
    selection::OPS,
    sequence::OPS,
    shape::OPS,
    signal::OPS,
    softmax::OPS,
    top_k::OPS,
    unary::OPS,
];

/// The converter of an operator of a canonical domain; `None` when there is none.
pub fn find(domain: &str, op: &str) -> Option<Convert> {
    let named = |(name, _): &&(&str, Convert)| *name == op;
    let found = match domain {
        "" => all().find(named),
        "com.microsoft" => expand::MICROSOFT.iter().find(named),
        _ => None,
    };
    found.map(|(_, convert)| *convert)
}

pub(crate) use sequence::takes_sequences;

/// Names of the standard operators that can be imported, sorted.
pub fn names() -> Vec<&'static str> {
    let mut names: Vec<&str> = all().map(|(name, _)| *name).collect();
    names.sort_unstable();
    names.dedup();
    names
}

fn all() -> impl Iterator<Item = &'static (&'static str, Convert)> {
    STANDARD.iter().chain(expand::ALL).copied().flatten()
}
