//! What the conformance tests share: where the oracle's files lie, how expected failures are declared, and the cases of
//! the operators planned without a device.

mod expected;
mod operators;
mod oracle;

pub use expected::ExpectedFailures;
pub use operators::{kernels, operators_page, operators_page_path, targets};
pub use oracle::{numbered, oracle_folder, without_oracle};
