//! Cases, tolerances, comparison and the adapter fixture of the tests.
