//! The kernel families, one folder each.

pub mod conv;
pub mod elementwise;
