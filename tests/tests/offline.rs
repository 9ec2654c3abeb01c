//! Kernels and the operator list, without a device.

use ocelli_shaders::validate;
use ocelli_tests::{kernels, operators_page, operators_page_path};

#[test]
fn every_kernel_of_the_operator_cases_reaches_all_back_ends() {
    let kernels = kernels().expect("every case can be planned");
    assert!(!kernels.is_empty());
    let failed: Vec<String> = kernels.values().filter_map(|k| validate::kernel(k).err()).collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[test]
fn the_operators_page_is_up_to_date() {
    let kept = std::fs::read_to_string(operators_page_path()).unwrap_or_default();
    let page = operators_page().expect("every case can be planned");
    assert!(kept == page, "docs/operators.md is out of date: run `cargo xtask operators`");
}
