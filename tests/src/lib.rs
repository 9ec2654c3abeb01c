//! What the conformance tests share: where the oracle's files lie, and how expected failures are declared.

mod expected;
mod oracle;

pub use expected::ExpectedFailures;
pub use oracle::{numbered, oracle_folder};
