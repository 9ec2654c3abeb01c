//! Comparison, tolerances and the adapter fixture of the tests.

mod compare;
mod fixture;

pub use compare::{Tolerance, compare};
pub use fixture::{case_graph, engine, test_data};
