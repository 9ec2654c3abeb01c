//! Operators written with operators of the newest set (see [`crate::call`]), one function each: those that the standard
//! defines by others, and those of other domains.
//!
//! A converter in [`crate::ops`] takes precedence.

mod attention;
mod microsoft;
mod rotary_embedding;

use crate::ops::Convert;

pub(crate) const ALL: &[&[(&str, Convert)]] = &[attention::OPS, rotary_embedding::OPS];

/// Operators of the domain `com.microsoft`.
pub(crate) const MICROSOFT: &[(&str, Convert)] = microsoft::OPS;
