//! The descriptions under `tests/packages/` and `assets/models/` are valid and name files that are there (for the former,
//! with the test data).

#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};

use ocelli_vision::Package;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

#[test]
fn every_description_is_valid_and_has_its_model() {
    let models =
        std::env::var_os("OCELLI_TEST_DATA").map_or_else(|| root().join("../shared"), PathBuf::from).join("models");
    if !models.is_dir() {
        eprintln!("SKIPPED in part: no test models at {}", models.display());
    }
    let mut count = 0;
    let mut wrong = Vec::new();
    for folder in std::fs::read_dir(root().join("tests/packages")).unwrap() {
        for file in std::fs::read_dir(folder.unwrap().path()).unwrap() {
            let path = file.unwrap().path();
            // With the models there, their checksums are checked too.
            let package = if models.is_dir() {
                Package::read(&path, &models)
            } else {
                Package::parse(&std::fs::read_to_string(&path).unwrap(), &path)
            };
            match package {
                Ok(p) => wrong.extend(
                    p.stage_paths()
                        .into_iter()
                        .filter(|m| models.is_dir() && !m.is_file())
                        .map(|m| format!("{}: no {}", path.display(), m.display())),
                ),
                Err(e) => wrong.push(e.to_string()),
            }
            count += 1;
        }
    }
    assert!(count > 0, "no descriptions");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_shipped_model_is_a_package_with_its_checksum() {
    let mut count = 0;
    for folder in std::fs::read_dir(root().join("assets/models")).unwrap() {
        let folder = folder.unwrap().path();
        if folder.is_dir() {
            let package = Package::load(&folder).unwrap();
            // Loading has compared it with the file.
            assert_eq!(package.sha256.len(), 64, "{}: no sha256", folder.display());
            assert!(package.model_path().is_file(), "{}", folder.display());
            count += 1;
        }
    }
    assert!(count > 0, "no models");
}
