//! Comparison, tolerances and the adapter fixture of the tests.

mod compare;
mod fixture;

pub use compare::{Tolerance, compare};
pub use fixture::{case_graph, checked_engine, engine, test_data, unfused_engine, wrapped_case_graph};
