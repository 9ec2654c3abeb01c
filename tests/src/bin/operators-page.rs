//! Writes docs/operators.md, or with `--check` fails when it is out of date.

use std::process::ExitCode;

use ocelli_tests::{operators_page, operators_page_path};

fn main() -> ExitCode {
    let check = std::env::args().any(|a| a == "--check");
    let path = operators_page_path();
    let result = operators_page().and_then(|page| {
        if !check {
            return std::fs::write(&path, page).map_err(|e| e.to_string());
        }
        match std::fs::read_to_string(&path) {
            Ok(kept) if kept == page => Ok(()),
            _ => Err("out of date: run `cargo xtask operators`".to_owned()),
        }
    });
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("{}: {e}", path.display());
            ExitCode::FAILURE
        }
    }
}
